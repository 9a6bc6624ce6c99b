import type { Pool } from 'pg';

/** What became of one message. `position` is that of the event which says so; null while pending. */
export interface Delivery {
  topic: string;
  partition: number;
  offset: number;
  status: 'PENDING' | 'RECORDED' | 'DUPLICATE' | 'REJECTED';
  position: number | null;
  eventId: string | null;
  rejection: string | null;
  code: string | null;
}

interface CursorRow {
  cursor_id: number;
  next_offset: number;
}
interface EventRow {
  position: number;
  event_id: string;
  type: string;
  stream_id: string;
}

// The latest cluster and topic of this name: offsets of an older one mean other messages. A topic that was cut off has several cursors,
// the newest of which knows what its offsets mean now; a replaced one has left its group, and may still be moved by whoever slept over
// a batch of it. The notices of rejections keep their place in the same table, but theirs is one in
// the log.
const CURSORS = `
  WITH latest AS (
    SELECT * FROM ledger.kafka_cursor
     WHERE topic = $1 AND partition = $2 AND consumer_group <> 'rejection-notices'
       AND consumer_group NOT LIKE '%#' || cursor_id
     ORDER BY updated_at DESC, cursor_id DESC LIMIT 1)
  SELECT c.cursor_id, latest.next_offset FROM latest
    JOIN ledger.kafka_cursor c ON c.cursor_id = latest.cursor_id
      OR (c.cluster, c.topic, c.partition, c.topic_id) = (latest.cluster, latest.topic, latest.partition, latest.topic_id)
   ORDER BY c.cursor_id DESC`;

// A refused message that was requeued has several events at its coordinates; the last one is its fate.
const EVENT = `
  SELECT position, event_id, type, stream_id FROM ledger.event
   WHERE cursor_id = $1 AND source_offset = $2 ORDER BY position DESC LIMIT 1`;

const DUPLICATE = `
  SELECT e.position, e.event_id FROM ledger.duplicate d
    JOIN ledger.delivery first USING (identity)
    JOIN ledger.event e ON e.position = first.position
   WHERE d.cursor_id = $1 AND d.source_offset = $2 LIMIT 1`;

const REJECTION_CODE = 'SELECT code FROM ledger.rejection WHERE rejection_id = $1';

/**
 * The fate of the message at one place of Kafka.
 *
 * @returns null where nothing is known: a partition never read, or an offset that was lost before it was read
 */
export async function findDelivery(
  log: Pool,
  at: { topic: string; partition: number; offset: number },
): Promise<Delivery | null> {
  const cursors = (await log.query<CursorRow>(CURSORS, [at.topic, at.partition])).rows;
  const nothing = { ...at, position: null, eventId: null, rejection: null, code: null };
  for (const { cursor_id: cursor, next_offset: next } of cursors) {
    if (at.offset >= next) return { ...nothing, status: 'PENDING' };

    const event = (await log.query<EventRow>(EVENT, [cursor, at.offset])).rows[0];
    if (event !== undefined) return { ...at, ...(await fateOf(log, event)) };

    const original = (await log.query<EventRow>(DUPLICATE, [cursor, at.offset])).rows[0];
    if (original === undefined) continue;
    return { ...nothing, status: 'DUPLICATE', position: original.position, eventId: original.event_id };
  }
  return null;
}

async function fateOf(log: Pool, event: EventRow): Promise<Omit<Delivery, 'topic' | 'partition' | 'offset'>> {
  const { position, event_id: eventId } = event;
  if (event.type !== 'ReportRejected') return { status: 'RECORDED', position, eventId, rejection: null, code: null };
  const { rows } = await log.query<{ code: string }>(REJECTION_CODE, [event.stream_id]);
  return { status: 'REJECTED', position, eventId, rejection: event.stream_id, code: rows[0]?.code ?? null };
}

const BY_IDENTITY = `
  SELECT * FROM (
    SELECT c.topic, c.partition, e.source_offset AS "offset", e.position, e.event_id, e.type, e.stream_id
      FROM ledger.delivery d
      JOIN ledger.event e ON e.position = d.position
      JOIN ledger.kafka_cursor c ON c.cursor_id = e.cursor_id
     WHERE d.identity = $3 AND e.ce_source = $1 AND e.ce_id = $2
    UNION ALL
    SELECT c.topic, c.partition, r.source_offset, s.position, r.event_id, 'ReportRejected', r.rejection_id
      FROM ledger.rejection r
      JOIN ledger.event_stream s ON s.stream_id = r.rejection_id AND s.stream_version = 1
      JOIN ledger.kafka_cursor c ON c.cursor_id = r.cursor_id
     WHERE r.identity = $3 AND r.ce_source = $1 AND r.ce_id = $2
  ) deliveries ORDER BY position LIMIT 1000`;

const DUPLICATES = `
  SELECT c.topic, c.partition, d.source_offset AS "offset", e.position, e.event_id
    FROM ledger.duplicate d
    JOIN ledger.kafka_cursor c USING (cursor_id)
    JOIN ledger.delivery first USING (identity)
    JOIN ledger.event e ON e.position = first.position
   WHERE d.identity = $1 ORDER BY c.topic, c.partition, d.source_offset LIMIT 1000`;

type Located = EventRow & { topic: string; partition: number; offset: number };

/** Every delivery of one CloudEvent (source, id): recorded, refused, and repeated, in this order. At most 1,000 of each. */
export async function findDeliveries(
  log: Pool,
  { source, id, identity }: { source: string; id: string; identity: string },
): Promise<Delivery[]> {
  const events = (await log.query<Located>(BY_IDENTITY, [source, id, identity])).rows;
  const repeated = (await log.query<Located>(DUPLICATES, [identity])).rows;
  const fates = await Promise.all(
    events.map(async (event) => ({ ...coordinates(event), ...(await fateOf(log, event)) })),
  );
  const duplicates = repeated.map((row) => ({
    ...coordinates(row),
    status: 'DUPLICATE' as const,
    position: row.position,
    eventId: row.event_id,
    rejection: null,
    code: null,
  }));
  return [...fates, ...duplicates];
}

const coordinates = ({ topic, partition, offset }: Located) => ({ topic, partition, offset });
