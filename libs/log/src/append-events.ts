import { type Database, joined } from './database.js';
import { ClockBehindError, ConcurrencyError, NoSuchLogError } from './errors.js';
import type { PreparedEvent } from './prepare-event.js';

/** Number of the one log that a database holds today; `log_id` in every table foresees more. */
export const DEFAULT_LOG_ID = 1;

export interface Appended {
  /** Position of the first event; the others follow without a gap. */
  first: number;
  recordedAt: Date;
}

/** An array out of one joined parameter; an empty field is NULL. */
const list = (parameter: number, type: string): string => `string_to_array($${parameter}, chr(30), '')::${type}[]`;

/**
 * The counter is the last lock that is taken, in the same statement that inserts: one round trip under the lock, and
 * positions in commit order without a gap. Zero rows: no head, or a head too far ahead of the clock.
 */
const APPEND = `
WITH head AS (
  UPDATE ledger.head
     SET next_position = next_position + $2::integer,
         recorded_at = date_trunc('milliseconds', greatest(ledger.clock(), recorded_at))
   WHERE log_id = $1::smallint AND recorded_at <= ledger.clock() + interval '60 seconds'
  RETURNING next_position - $2::integer - 1 AS before, recorded_at,
            ',"recordedAt":"' || to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"' AS moment
), inserted AS (
  INSERT INTO ledger.event (log_id, position, event_id, type, stream_id, stream_version, recorded_at, ce_source, ce_id,
                            cursor_id, source_offset, report_id, revision, leaf)
  SELECT $1::smallint, head.before + e.n, e.event_id, e.type, e.stream_id, e.stream_version, head.recorded_at, e.ce_source, e.ce_id,
         e.cursor_id, e.source_offset, e.report_id, e.revision,
         e.prefix || (head.before + e.n) || head.moment || e.suffix
    FROM head, unnest(${list(3, 'uuid')}, ${list(4, 'text')}, ${list(5, 'uuid')}, ${list(6, 'integer')},
                      ${list(7, 'text')}, ${list(8, 'text')}, ${list(9, 'integer')}, ${list(10, 'bigint')},
                      ${list(11, 'text')}, ${list(12, 'bigint')}, ${list(13, 'text')}, ${list(14, 'text')})
         WITH ORDINALITY AS e (event_id, type, stream_id, stream_version, ce_source, ce_id, cursor_id, source_offset,
                               report_id, revision, prefix, suffix, n)
), streams AS (
  INSERT INTO ledger.event_stream (log_id, stream_id, stream_version, position)
  SELECT $1::smallint, s.stream_id, s.stream_version, head.before + s.n
    FROM head, unnest(${list(15, 'uuid')}, ${list(16, 'integer')}, ${list(17, 'integer')}) AS s (stream_id, stream_version, n)
), deliveries AS (
  INSERT INTO ledger.delivery (log_id, identity, digest, position)
  SELECT $1::smallint, d.identity, d.digest, head.before + d.n
    FROM head, unnest(${list(18, 'uuid')}, ${list(19, 'uuid')}, ${list(20, 'integer')}) AS d (identity, digest, n)
), homes AS (
  INSERT INTO ledger.report_home (log_id, report, stream_id)
  SELECT $1::smallint, h.report, h.stream_id
    FROM head, unnest(${list(21, 'uuid')}, ${list(22, 'uuid')}) AS h (report, stream_id)
)
SELECT (before + 1)::float8 AS first, extract(epoch FROM recorded_at)::float8 * 1000 AS moment FROM head`;

const SEAL = `
WITH keys AS (
  INSERT INTO vault.key (key_id, wrapped)
  SELECT key_id, decode(wrapped, 'base64')
    FROM unnest(${list(1, 'uuid')}, ${list(2, 'text')}) AS k (key_id, wrapped)
)
INSERT INTO ledger.sealed (log, event_id, key_id, boxes)
SELECT s.log, s.event_id, s.key_id, s.boxes
  FROM unnest(${list(3, 'uuid')}, ${list(4, 'uuid')}, ${list(5, 'uuid')}, ${list(6, 'text')}) AS s (log, event_id, key_id, boxes)`;

/**
 * Appends events in the given order, in the caller's transaction, which should commit right after: from here on it
 * holds the lock of the whole log. Their sealed values and keys are inserted first, before that lock.
 *
 * @throws ConcurrencyError: a stream version, a delivery or a report exists already; decide the batch again
 * @throws ClockBehindError: transient
 */
export async function appendEvents(tx: Database, logId: number, events: readonly PreparedEvent[]): Promise<Appended> {
  if (events.length === 0) throw new RangeError('nothing to append');
  await insertSealed(tx, events);
  const { rows } = await tx
    .query<{ first: number; moment: number }>({ name: 'append', text: APPEND, values: appendParameters(logId, events) })
    .catch((error: unknown) => {
      throw lostRace(error) ?? error;
    });
  const [appended] = rows;
  if (appended === undefined) throw await refusal(tx, logId);
  return { first: appended.first, recordedAt: new Date(appended.moment) };
}

function appendParameters(logId: number, events: readonly PreparedEvent[]): unknown[] {
  const streams = { ids: [] as string[], versions: [] as number[], n: [] as number[] };
  const deliveries = { identities: [] as string[], digests: [] as string[], n: [] as number[] };
  const homes = { reports: [] as string[], streams: [] as string[] };
  events.forEach(({ stream, streamVersion, also, delivery, newReport }, index) => {
    touch(streams, { stream, streamVersion }, index);
    for (const further of also) touch(streams, further, index);
    if (delivery !== null) {
      deliveries.identities.push(delivery.identity);
      deliveries.digests.push(delivery.digest);
      deliveries.n.push(index + 1);
    }
    if (newReport !== null) {
      homes.reports.push(newReport);
      homes.streams.push(stream);
    }
  });
  return [
    logId,
    events.length,
    joined(events.map((event) => event.eventId)),
    joined(events.map((event) => event.type)),
    joined(events.map((event) => event.stream)),
    joined(events.map((event) => event.streamVersion)),
    joined(events.map((event) => event.ceSource)),
    joined(events.map((event) => event.ceId)),
    joined(events.map((event) => event.cursorId)),
    joined(events.map((event) => event.sourceOffset)),
    joined(events.map((event) => event.reportId)),
    joined(events.map((event) => event.revision)),
    joined(events.map((event) => event.prefix)),
    joined(events.map((event) => event.suffix)),
    joined(streams.ids),
    joined(streams.versions),
    joined(streams.n),
    joined(deliveries.identities),
    joined(deliveries.digests),
    joined(deliveries.n),
    joined(homes.reports),
    joined(homes.streams),
  ];
}

function touch(
  streams: { ids: string[]; versions: number[]; n: number[] },
  { stream, streamVersion }: { stream: string; streamVersion: number },
  index: number,
): void {
  streams.ids.push(stream);
  streams.versions.push(streamVersion);
  streams.n.push(index + 1);
}

async function insertSealed(tx: Database, events: readonly PreparedEvent[]): Promise<void> {
  const keys = { ids: [] as string[], wrapped: [] as string[] };
  const rows = { logs: [] as string[], events: [] as string[], keys: [] as string[], boxes: [] as string[] };
  for (const { log, eventId, wrappedKey, sealed } of events) {
    if (wrappedKey !== null) {
      keys.ids.push(eventId);
      keys.wrapped.push(wrappedKey);
    }
    for (const { keyId, boxes } of sealed) {
      rows.logs.push(log);
      rows.events.push(eventId);
      rows.keys.push(keyId);
      rows.boxes.push(boxes);
    }
  }
  if (keys.ids.length === 0 && rows.events.length === 0) return;
  const parameters = [keys.ids, keys.wrapped, rows.logs, rows.events, rows.keys, rows.boxes];
  await tx.query({ name: 'seal', text: SEAL, values: parameters.map(joined) });
}

/**
 * PostgreSQL names the constraint of the partition that refused the row, so the table tells. A statement that waited for
 * the counter while the next partition was made does not see that partition: the next attempt does.
 */
function lostRace(error: unknown): ConcurrencyError | undefined {
  const { code, schema, table, constraint } = error as Partial<Record<string, string>>;
  if (schema !== 'ledger' || table === undefined) return undefined;
  if (code === '23514' && table === 'event' && constraint === undefined) {
    return new ConcurrencyError('the partition for these positions is not there yet', { cause: error });
  }
  if (code !== '23505') return undefined;
  if (table === 'delivery') return new ConcurrencyError('a message was recorded already', { cause: error });
  if (table === 'report_home') return new ConcurrencyError('a report was first recorded elsewhere', { cause: error });
  if (table.startsWith('event_stream')) return new ConcurrencyError('a stream has moved on', { cause: error });
  return undefined;
}

async function refusal(tx: Database, logId: number): Promise<Error> {
  const { rows } = await tx.query<{ ahead: number }>(
    'SELECT extract(epoch FROM recorded_at - ledger.clock())::float8 AS ahead FROM ledger.head WHERE log_id = $1',
    [logId],
  );
  const [head] = rows;
  if (head === undefined) return new NoSuchLogError(`there is no log ${logId}`);
  return new ClockBehindError(`the clock is ${head.ahead.toFixed(1)} s behind the head of the log: appends wait`);
}
