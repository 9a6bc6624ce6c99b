import type { ConversionPolicy } from '#app/domain';
import { type AsOfSource, policyOf } from '#app/read-models';
import type { Pool } from 'pg';

/** What an answer of the audit API is as of: a state of the log, and the figures that are live at that moment. */
export interface AsOfHead {
  position: number;
  recordedAt: string;
  treeSize: number;
  projection: number;
  policy: number;
  boundary: string;
}

const HEAD = `
  SELECT h.next_position - 1 AS position, g.projection
    FROM ledger.head h LEFT JOIN read_model.generation g ON g.status = 'LIVE' WHERE h.log_id = 1`;
const RECORDED_AT = 'SELECT recorded_at FROM ledger.event WHERE log_id = 1 AND position = $1';
const POLICY = `
  SELECT leaf FROM ledger.event
   WHERE log_id = 1 AND type = 'ConversionPolicyActivated' AND position <= $1 ORDER BY position DESC LIMIT 1`;
// The first event of a name: a later one brings the digests of the figures at its position.
const SNAPSHOT = `
  SELECT position FROM ledger.event
   WHERE log_id = 1 AND type = 'SnapshotSealed' AND position <= $2 AND leaf::json #>> '{data,name}' = $1
   ORDER BY position LIMIT 1`;
// Positions are dense and recorded_at never goes back: halving finds the last one of a moment by the primary key alone.
const LAST_BEFORE = `
  WITH RECURSIVE search (below, above) AS (
    SELECT -1::bigint, $2::bigint + 1
    UNION ALL
    SELECT CASE WHEN e.recorded_at <= $1 THEN e.position ELSE s.below END,
           CASE WHEN e.recorded_at <= $1 THEN s.above ELSE e.position END
      FROM search s JOIN ledger.event e ON e.log_id = 1 AND e.position = (s.below + s.above) / 2
     WHERE s.above - s.below > 1)
  SELECT below AS position FROM search WHERE above - below = 1`;

interface Head {
  position: number;
  projection: number;
}

/** @returns null before the log is created */
export async function readHead(log: Pool): Promise<Head | null> {
  const row = (await log.query<Head>(HEAD)).rows[0];
  return row === undefined || row.position < 0 ? null : row;
}

/** The log itself answers what a moment or a snapshot means: the figures may lag behind it. */
export function logAsOf(log: Pool, head: number): AsOfSource {
  return {
    head,
    recordedAt: (position) => recordedAtOf(log, position),
    snapshot: async (name) => (await positionOf(log, SNAPSHOT, [name, head])) ?? null,
    lastBefore: async (time) => {
      const position = await positionOf(log, LAST_BEFORE, [time, head]);
      return position === undefined || position < 0 ? null : position;
    },
  };
}

/** @param position that the log has */
export async function readAsOf(
  log: Pool,
  position: number,
  { projection, boundary }: { projection: number; boundary: string },
): Promise<AsOfHead> {
  const recordedAt = await recordedAtOf(log, position);
  return { position, recordedAt, treeSize: position + 1, projection, policy: await policyAt(log, position), boundary };
}

async function positionOf(log: Pool, sql: string, values: unknown[]): Promise<number | undefined> {
  return (await log.query<{ position: number }>(sql, values)).rows[0]?.position;
}

async function recordedAtOf(log: Pool, position: number): Promise<string> {
  const row = (await log.query<{ recorded_at: Date }>(RECORDED_AT, [position])).rows[0];
  if (row === undefined) throw new Error(`the log has no event at position ${position}`);
  return row.recorded_at.toISOString();
}

/** The policy in force; version 1 before the log names one. */
async function policyAt(log: Pool, position: number): Promise<number> {
  const row = (await log.query<{ leaf: string }>(POLICY, [position])).rows[0];
  if (row === undefined) return 1;
  return policyOf((JSON.parse(row.leaf) as { data: { name: string; policy?: ConversionPolicy } }).data).version;
}
