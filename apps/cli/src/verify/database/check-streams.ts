import { type Database, DEFAULT_LOG_ID } from '#app/log';
import type { Findings } from '../findings.js';
import { eventOf } from './event-rows.js';
import { isAsColumns, notNamed, type Row, streamsOf } from './named-streams.js';

/** Positions of one statement: it neither runs for hours nor reads event_stream too often. */
const SPAN = 1_000_000;

/** Candidates are few: without OFFSET 0 PostgreSQL would look every row up, in the hope of a full page before the end. */
const UNNAMED = `
  SELECT * FROM (
    SELECT e.stream_id, e.stream_version, e.position::float8 AS expected, s.position::float8 AS found
      FROM ledger.event e LEFT JOIN ledger.event_stream s USING (log_id, stream_id, stream_version)
     WHERE e.log_id = $1 AND e.position >= $2 AND e.position < $3 AND s.position IS DISTINCT FROM e.position OFFSET 0) AS unnamed
   ORDER BY expected LIMIT $4`;
const BEHIND_ALL = '9223372036854775807';

export interface SeenEvents {
  /** Of the last row that was seen; -1 without any. */
  last: number;
  /** How many rows of event_stream there must be for them. */
  touched: number;
  /** Leaves that are published. */
  size: number;
}

/** Whether ledger.event_stream names for every event the streams that its leaf touches, and no others. */
export async function checkStreams(db: Database, seen: SeenEvents, findings: Findings): Promise<void> {
  for (let from = 0; from >= 0 && !findings.isFull; ) {
    const isLast = from + SPAN > seen.size;
    await addUnnamed(db, { from, to: isLast ? BEHIND_ALL : String(from + SPAN) }, findings);
    from = isLast ? -1 : from + SPAN;
  }
  await addUntouched(db, seen, findings);
}

/** Events whose own stream is not named. Where the columns say something else than the leaf, that was told already. */
async function addUnnamed(db: Database, { from, to }: { from: number; to: string }, findings: Findings): Promise<void> {
  const { rows } = await db.query<Row>(UNNAMED, [DEFAULT_LOG_ID, from, to, MOST]);
  for (const row of rows) {
    if (findings.isFull) return;
    const event = await leafAt(db, row.expected);
    if (isAsColumns({ event, stream: row.stream_id, streamVersion: row.stream_version })) findings.add(notNamed(row));
  }
}

/** Of one statement. */
const MOST = 1000;

async function leafAt(db: Database, position: number): Promise<ReturnType<typeof eventOf>> {
  const { rows } = await db.query<{ leaf: string }>(
    'SELECT leaf FROM ledger.event e WHERE e.log_id = $1 AND e.position = $2',
    [DEFAULT_LOG_ID, position],
  );
  return rows[0] === undefined ? null : eventOf(rows[0].leaf);
}

/** Looks for rows that belong to no event, when there are more than there must be. */
async function addUntouched(db: Database, { last, touched: expected }: SeenEvents, findings: Findings): Promise<void> {
  const { rows } = await db.query<{ count: number }>(
    'SELECT count(*)::float8 AS count FROM ledger.event_stream WHERE log_id = $1 AND position <= $2',
    [DEFAULT_LOG_ID, last],
  );
  // A missing row and one too many would give the same number: then one of them was found above.
  if (rows[0]?.count === expected && findings.list.length === 0) return;
  for (let from = 0; from <= last && !findings.isFull; ) {
    const to = Math.min(from + SPAN, last + 1);
    const { rows: others } = await db.query<NamedRow>(NAMED_OTHERWISE, [DEFAULT_LOG_ID, from, to, MOST_NAMED]);
    // Of the last position there may be more; it comes first in the next statement, unless it alone has so many.
    const end = others.length < MOST_NAMED ? to : Math.max(others.at(-1)?.position ?? to, from + 1);
    await addNotTouched(
      db,
      others.filter(({ position }) => position < end),
      findings,
    );
    from = end;
  }
}

interface NamedRow {
  stream_id: string;
  stream_version: number;
  position: number;
}

/** Rows that are not what the columns of their event say: further streams of an event, and what belongs to none. */
const NAMED_OTHERWISE = `
  SELECT s.stream_id, s.stream_version, s.position::float8
    FROM ledger.event_stream s
    LEFT JOIN ledger.event e ON e.log_id = s.log_id AND e.position = s.position AND e.position >= $2 AND e.position < $3
   WHERE s.log_id = $1 AND s.position >= $2 AND s.position < $3
     AND (e.stream_id, e.stream_version) IS DISTINCT FROM (s.stream_id, s.stream_version)
   ORDER BY s.position LIMIT $4`;
/** Of one statement; an event touches 400 streams at most. */
const MOST_NAMED = 20_000;

/** @param others in the order of their positions */
async function addNotTouched(db: Database, others: readonly NamedRow[], findings: Findings): Promise<void> {
  let at = { position: -1, touched: streamsOf(null) };
  for (const { stream_id: stream, stream_version: version, position } of others) {
    if (findings.isFull) return;
    if (at.position !== position) at = { position, touched: streamsOf(await leafAt(db, position)) };
    if (at.touched.some((one) => one.stream === stream && one.streamVersion === version)) continue;
    const detail = `event_stream has version ${version} of the stream ${stream} at position ${position}, whose leaf does not touch it`;
    findings.add({ kind: 'STREAM', position, detail });
  }
}
