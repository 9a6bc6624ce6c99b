import { parseLeaf } from '#app/log';
import type { Pool } from 'pg';

/** The version of a boundary set that places incidents now. */
export interface ActiveSet {
  sha256: string;
  /** Of its activation. */
  position: number;
}

const ACTIVATIONS = `SELECT leaf FROM ledger.event WHERE log_id = 1 AND type = 'BoundarySetActivated' ORDER BY position`;

/** By name, as the log has it. */
export async function activeSets(pool: Pool): Promise<Map<string, ActiveSet>> {
  const { rows } = await pool.query<{ leaf: string }>(ACTIVATIONS);
  return new Map(
    rows.map(({ leaf }) => {
      const { position, data } = parseLeaf(leaf);
      const { name, sha256 } = data as { name: string; sha256: string };
      return [name, { sha256, position }];
    }),
  );
}
