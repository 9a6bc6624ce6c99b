import { DEFAULT_LOG_ID } from './append-events.js';
import type { Database } from './database.js';
import type { EventType } from '#app/domain';
import { NoSuchLogError } from './errors.js';

/** One event as stored: the leaf is the canonical text, verbatim. */
export interface RecordedRow {
  position: number;
  recordedAt: Date;
  leaf: string;
  /** As recorded, like the two below: extracts of the leaf, to choose what is worth parsing. */
  type: string;
  stream: string;
  streamVersion: number;
}

export interface ReadOptions {
  /** Events behind this position; −1 for all. */
  after: number;
  limit: number;
  type?: EventType;
  /** Only events that touch this stream. */
  stream?: string;
  /** Only events recorded at or after this moment. */
  recordedFrom?: Date;
  /** The last position to read, inclusive. */
  upTo?: number;
  logId?: number;
}

const COLUMNS =
  'e.position::float8, extract(epoch FROM e.recorded_at)::float8 * 1000, e.leaf, e.type, e.stream_id, e.stream_version';

/** Reads events in the order of their positions. */
export async function readEvents(db: Database, options: ReadOptions): Promise<RecordedRow[]> {
  const { text, values } = await readStatement(db, options);
  const { rows } = await db.query<[number, number, string, string, string, number]>({ text, values, rowMode: 'array' });
  return rows.map(([position, moment, leaf, type, stream, streamVersion]) => ({
    position,
    recordedAt: new Date(moment),
    leaf,
    type,
    stream,
    streamVersion,
  }));
}

async function readStatement(db: Database, options: ReadOptions): Promise<{ text: string; values: unknown[] }> {
  const { limit, type, stream, recordedFrom, upTo, logId = DEFAULT_LOG_ID } = options;
  let { after } = options;
  if (recordedFrom !== undefined) {
    // The last position before that moment; moments have whole milliseconds.
    after = Math.max(after, await positionAt(db, new Date(recordedFrom.getTime() - 1), logId));
  }
  const values: unknown[] = [logId, after, limit];
  const conditions = ['e.log_id = $1', 'e.position > $2'];
  if (upTo !== undefined) conditions.push(`e.position <= $${values.push(upTo)}`);
  if (type !== undefined) conditions.push(`e.type = $${values.push(type)}`);
  if (stream !== undefined) {
    conditions.push(`e.position IN (SELECT s.position FROM ledger.event_stream s
      WHERE s.log_id = $1 AND s.stream_id = $${values.push(stream)} AND s.position > $2)`);
  }
  const where = conditions.join(' AND ');
  return { text: `SELECT ${COLUMNS} FROM ledger.event e WHERE ${where} ORDER BY e.position LIMIT $3`, values };
}

/** Reads on and on in pages, until the end of the log or `upTo`. */
export async function* streamEvents(
  db: Database,
  options: Omit<ReadOptions, 'limit'> & { pageSize?: number },
): AsyncGenerator<RecordedRow[], void, undefined> {
  const { pageSize = 1000, ...rest } = options;
  let { after } = rest;
  for (;;) {
    const page = await readEvents(db, { ...rest, after, limit: pageSize });
    if (page.length > 0) yield page;
    if (page.length < pageSize) return;
    after = (page.at(-1) as RecordedRow).position;
  }
}

export interface Head {
  /** Id of the log. */
  log: string;
  /** The last recorded position; −1 when there is none. */
  position: number;
  recordedAt: Date;
  partitionSize: number;
}

/** @throws NoSuchLogError before `createLog` */
export async function readHead(db: Database, logId = DEFAULT_LOG_ID): Promise<Head> {
  const head = await findHead(db, logId);
  if (head === null) throw new NoSuchLogError(`there is no log ${logId} in this database yet`);
  return head;
}

/** `readHead` that answers null before `createLog`. */
export async function findHead(db: Database, logId = DEFAULT_LOG_ID): Promise<Head | null> {
  const { rows } = await db.query<{ log: string; position: number; moment: number; partition_size: number }>(
    `SELECT log, (next_position - 1)::float8 AS position, extract(epoch FROM recorded_at)::float8 * 1000 AS moment,
            partition_size::float8 FROM ledger.head WHERE log_id = $1`,
    [logId],
  );
  const [row] = rows;
  if (row === undefined) return null;
  const { log, position, moment, partition_size: partitionSize } = row;
  return { log, position, recordedAt: new Date(moment), partitionSize };
}

/** The last position recorded at or before a moment; −1 when there is none. */
export async function positionAt(db: Database, moment: Date, logId = DEFAULT_LOG_ID): Promise<number> {
  const { rows } = await db.query<{ position: number }>(
    'SELECT ledger.position_at($1::smallint, $2)::float8 AS position',
    [logId, moment],
  );
  return (rows[0] as { position: number }).position;
}
