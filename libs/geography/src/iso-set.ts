import { BOUNDARY_SET, BoundarySet } from './boundary-set.js';
import { type Region, regions } from './regions.js';

/** The built-in set. */
export const isoSet: BoundarySet = new BoundarySet(BOUNDARY_SET, regions());

/** The area of the built-in set that a reader asks for, by code or name. */
export function findRegion(codeOrName: string): Region | null {
  return isoSet.find(codeOrName);
}
