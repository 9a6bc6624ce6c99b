import { loadBoundarySet } from '#app/gazetteer';
import { BOUNDARY_SET, type BoundarySet, isoSet } from '#app/geography';
import type { ActiveBoundarySet } from '#app/read-models';
import type { EntityManager } from 'typeorm';
import { clientOf } from '../database/read-database.js';

/** Versions of sets that were read lately, by name and digest; the one read last comes last. */
const read = new Map<string, BoundarySet>();
const READ_MAX = 8;

/**
 * The areas of an active set, without their polygons. A version never changes, so it is read once.
 *
 * @returns null when the gazetteer does not have that version (any more)
 */
export async function readSet(tx: EntityManager, active: ActiveBoundarySet): Promise<BoundarySet | null> {
  if (active.name === BOUNDARY_SET) return isoSet;
  const key = `${active.name}/${active.sha256}`;
  const known = read.get(key) ?? (await loadBoundarySet(await clientOf(tx), active, false));
  if (known === null) return null;
  read.delete(key);
  read.set(key, known);
  for (const oldest of read.keys()) {
    if (read.size <= READ_MAX) break;
    read.delete(oldest);
  }
  return known;
}

/** The name of an area in the built-in set, else in the set that was read last and has it. */
export function areaName(code: string): string | null {
  const builtIn = isoSet.area(code);
  if (builtIn !== null) return builtIn.name;
  return (
    [...read.values()]
      .toReversed()
      .map((set) => set.area(code)?.name)
      .find((name) => name !== undefined) ?? null
  );
}
