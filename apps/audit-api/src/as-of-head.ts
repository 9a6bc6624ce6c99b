import type { Pool } from 'pg';

/** What an answer of the audit API is as of: the end of the log, and the figures that are live at that moment. */
export interface AsOfHead {
  position: number;
  recordedAt: string;
  treeSize: number;
  projection: number;
  policy: number;
  boundary: string;
}

const HEAD = `
  SELECT h.next_position - 1 AS position, h.recorded_at, g.projection, g.policy
    FROM ledger.head h LEFT JOIN read_model.generation g ON g.status = 'LIVE' WHERE h.log_id = 1`;

/** @returns null before the log is created */
export async function readAsOfHead(log: Pool, boundary: string): Promise<AsOfHead | null> {
  const { rows } = await log.query<{ position: number; recorded_at: Date; projection: number; policy: number }>(HEAD);
  const row = rows[0];
  if (row === undefined || row.position < 0) return null;
  return {
    position: row.position,
    recordedAt: row.recorded_at.toISOString(),
    treeSize: row.position + 1,
    projection: row.projection,
    policy: row.policy,
    boundary,
  };
}
