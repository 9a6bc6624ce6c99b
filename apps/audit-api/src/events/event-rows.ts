import type { Pool } from 'pg';

export interface EventFilter {
  type?: string | undefined;
  stream?: string | undefined;
  recordedFrom?: Date | undefined;
}

/** A stretch of the log: positions from `from` to `head`, both included. */
export interface Stretch {
  from: number;
  head: number;
  limit: number;
}

export interface EventRow {
  position: number;
  leaf: string;
}

// Three ways in, so that each filter has its index: the position, the type, the stream (also as a further stream).
const IN_ORDER = `
  SELECT position, leaf FROM ledger.event e
   WHERE log_id = 1 AND position >= $1 AND position <= $2
     AND ($4::timestamptz IS NULL OR recorded_at >= $4)
   ORDER BY position LIMIT $3`;
const OF_TYPE = `
  SELECT position, leaf FROM ledger.event e
   WHERE log_id = 1 AND type = $5 AND position >= $1 AND position <= $2
     AND ($4::timestamptz IS NULL OR recorded_at >= $4)
   ORDER BY position LIMIT $3`;
const OF_STREAM = `
  SELECT e.position, e.leaf FROM ledger.event_stream s JOIN ledger.event e USING (log_id, position)
   WHERE s.log_id = 1 AND s.stream_id = $6 AND s.position >= $1 AND s.position <= $2
     AND ($4::timestamptz IS NULL OR e.recorded_at >= $4)
     AND ($5::text IS NULL OR e.type = $5)
   ORDER BY s.position LIMIT $3`;

/** Leaves, verbatim, in the order of the log. */
export async function listEvents(log: Pool, filter: EventFilter, stretch: Stretch): Promise<EventRow[]> {
  const bounds = [stretch.from, stretch.head, stretch.limit, filter.recordedFrom ?? null];
  if (filter.stream !== undefined) {
    return (await log.query<EventRow>(OF_STREAM, [...bounds, filter.type ?? null, filter.stream])).rows;
  }
  if (filter.type !== undefined) return (await log.query<EventRow>(OF_TYPE, [...bounds, filter.type])).rows;
  return (await log.query<EventRow>(IN_ORDER, bounds)).rows;
}

// recorded_at never goes back, so the first position of a moment divides the log.
const FIRST_SINCE = `
  SELECT min(position) AS position FROM ledger.event WHERE log_id = 1 AND recorded_at >= $1 AND position <= $2`;
const COUNT_TYPE = `
  SELECT count(*)::int AS total FROM ledger.event WHERE log_id = 1 AND type = $1 AND position >= $2 AND position <= $3`;
const COUNT_STREAM = `
  SELECT count(*)::int AS total FROM ledger.event_stream s JOIN ledger.event e USING (log_id, position)
   WHERE s.log_id = 1 AND s.stream_id = $1 AND s.position >= $2 AND s.position <= $3 AND ($4::text IS NULL OR e.type = $4)`;

/** How many events a list has from `from` on, whatever the page. Positions are dense: without a filter it is a subtraction. */
export async function countEvents(log: Pool, filter: EventFilter, { from, head }: Stretch): Promise<number> {
  let first = from;
  if (filter.recordedFrom !== undefined) {
    const { rows } = await log.query<{ position: number | null }>(FIRST_SINCE, [filter.recordedFrom, head]);
    first = Math.max(first, rows[0]?.position ?? head + 1);
  }
  if (filter.stream !== undefined) {
    return totalOf(log, COUNT_STREAM, [filter.stream, first, head, filter.type ?? null]);
  }
  if (filter.type !== undefined) return totalOf(log, COUNT_TYPE, [filter.type, first, head]);
  return Math.max(0, head - first + 1);
}

async function totalOf(log: Pool, sql: string, values: unknown[]): Promise<number> {
  const { rows } = await log.query<{ total: number }>(sql, values);
  return rows[0]?.total ?? 0;
}

const LEAF = 'SELECT position, leaf FROM ledger.event WHERE log_id = 1 AND position = $1';

export async function findEvent(log: Pool, position: number): Promise<EventRow | null> {
  return (await log.query<EventRow>(LEAF, [position])).rows[0] ?? null;
}
