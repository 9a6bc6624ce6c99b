import type { Pool } from 'pg';

/** A message that could not be recorded, without its bytes. */
export interface Rejection {
  id: string;
  status: 'OPEN' | 'REQUEUED' | 'DISCARDED';
  position: number;
  receivedAt: string;
  topic: string;
  partition: number;
  offset: number;
  stage: string;
  code: string;
  problems: { pointer: string; code: string; detail?: string }[];
  ceSource: string | null;
  ceId: string | null;
  ceType: string | null;
  bytes: number;
}

export interface RejectionFilter {
  status?: 'OPEN' | 'REQUEUED' | 'DISCARDED' | undefined;
  code?: string | undefined;
  topic?: string | undefined;
  source?: string | undefined;
}

interface Row {
  rejection_id: string;
  status: Rejection['status'];
  position: number;
  received_at: Date;
  topic: string;
  partition: number;
  source_offset: number;
  stage: string;
  code: string;
  problems: Rejection['problems'];
  ce_source: string | null;
  ce_id: string | null;
  ce_type: string | null;
  message_bytes: number;
}

// The stream of a rejection starts with its ReportRejected event: version 1 gives the position. What resolved it after the
// state that is asked for had not happened then.
const from = (head: string): string => `
  FROM ledger.rejection r
  JOIN ledger.kafka_cursor c USING (cursor_id)
  JOIN ledger.event_stream s ON s.stream_id = r.rejection_id AND s.stream_version = 1
  LEFT JOIN LATERAL (
    SELECT d.resolution FROM ledger.rejection_resolution d JOIN ledger.event e USING (event_id)
     WHERE d.rejection_id = r.rejection_id AND e.position <= ${head}) x ON true`;
const MATCHES = `
  ($1::text IS NULL OR coalesce(x.resolution, 'OPEN') = $1)
  AND ($2::text IS NULL OR r.code = $2)
  AND ($3::text IS NULL OR c.topic = $3)
  AND ($4::text IS NULL OR r.ce_source = $4)
  AND s.position <= $5`;
const COLUMNS = `
  r.rejection_id, coalesce(x.resolution, 'OPEN') AS status, s.position, r.received_at, c.topic, c.partition,
  r.source_offset, r.stage, r.code, r.problems, r.ce_source, r.ce_id, r.ce_type, r.message_bytes`;
const PAGE = `SELECT ${COLUMNS} ${from('$5')} WHERE ${MATCHES} AND s.position > $6 ORDER BY s.position LIMIT $7`;
const TOTAL = `SELECT count(*)::int AS total ${from('$5')} WHERE ${MATCHES}`;
const ONE = `SELECT ${COLUMNS} ${from('$2')} WHERE r.rejection_id = $1 AND s.position <= $2`;

/** Rejections up to position `head`, after position `after`, in the order in which they were refused. */
export async function listRejections(
  log: Pool,
  filter: RejectionFilter,
  page: { head: number; after: number; limit: number },
): Promise<{ rejections: Rejection[]; total: number }> {
  const matches = [filter.status ?? null, filter.code ?? null, filter.topic ?? null, filter.source ?? null, page.head];
  const rows = await log.query<Row>(PAGE, [...matches, page.after, page.limit]);
  const total = await log.query<{ total: number }>(TOTAL, matches);
  return { rejections: rows.rows.map(toRejection), total: total.rows[0]?.total ?? 0 };
}

/** A rejection as of a position; null when nothing had been refused under this id by then. */
export async function findRejection(log: Pool, id: string, head: number): Promise<Rejection | null> {
  const row = (await log.query<Row>(ONE, [id, head])).rows[0];
  return row === undefined ? null : toRejection(row);
}

function toRejection(row: Row): Rejection {
  return {
    id: row.rejection_id,
    status: row.status,
    position: row.position,
    receivedAt: row.received_at.toISOString(),
    topic: row.topic,
    partition: row.partition,
    offset: row.source_offset,
    stage: row.stage,
    code: row.code,
    problems: row.problems,
    ceSource: row.ce_source,
    ceId: row.ce_id,
    ceType: row.ce_type,
    bytes: row.message_bytes,
  };
}
