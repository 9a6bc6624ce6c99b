import { type Region, regions } from './regions.js';

/** The boundary set that is always there: countries and subdivisions of ISO 3166, without polygons. */
export const BOUNDARY_SET = 'iso-3166';

/** What the set consists of, in a fixed order: the SHA-256 of its RFC 8785 form is recorded when it is activated. */
export interface BoundarySetData {
  boundarySet: string;
  regions: readonly Region[];
}

export function boundarySetData(): BoundarySetData {
  return { boundarySet: BOUNDARY_SET, regions: regions() };
}
