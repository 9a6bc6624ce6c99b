import type { EntityManager } from 'typeorm';
import { tablesOfGeneration } from '../../project/tables.js';
import type { AsOf } from './as-of.js';

/** A boundary set by which incidents are placed. */
export interface ActiveBoundarySet {
  name: string;
  /** Digest of the version that was activated last. */
  sha256: string;
  /** Position of that activation. */
  position: number;
}

/** The boundary sets that are active as of a position, by name. */
export async function readBoundarySets(
  tx: EntityManager,
  { generation, position }: Pick<AsOf, 'generation' | 'position'>,
): Promise<ActiveBoundarySet[]> {
  const rows = await tx.query<{ body: string; position: string }[]>(
    `SELECT body, from_position AS position FROM ${tablesOfGeneration(generation).record}
      WHERE kind = 'BOUNDARY' AND from_position <= $1 AND (to_position IS NULL OR to_position > $1)`,
    [position],
  );
  return rows
    .map((row) => ({ ...(JSON.parse(row.body) as { name: string; sha256: string }), position: Number(row.position) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
