import type { Database } from './database.js';

/** Which partition, read by whom. A recreated cluster is another cluster. */
export interface CursorKey {
  cluster: string;
  topic: string;
  partition: number;
  group: string;
}

export interface Cursor extends CursorKey {
  cursorId: number;
  /** The offset to read next. */
  nextOffset: number;
  lineage: CursorLineage;
}

/** Which log the offsets are of: Kafka's id of the topic and the epoch of the leader; null while nobody has told them. */
export interface CursorLineage {
  topicId: string | null;
  epoch: number | null;
}

interface CursorRow {
  cursor_id: number;
  cluster: string;
  topic: string;
  partition: number;
  consumer_group: string;
  next_offset: number;
  topic_id: string | null;
  leader_epoch: number | null;
}

const COLUMNS = 'cursor_id, cluster, topic, partition, consumer_group, next_offset::float8, topic_id, leader_epoch';

/** The cursors of partitions, making those that are missing at offset 0. In the order asked for. */
export async function loadCursors(db: Database, keys: readonly CursorKey[]): Promise<Cursor[]> {
  const cursors: Cursor[] = [];
  for (const key of keys) cursors.push((await findCursor(db, key)) ?? (await makeCursor(db, key)));
  return cursors;
}

async function makeCursor(db: Database, key: CursorKey): Promise<Cursor> {
  await db.query(
    `INSERT INTO ledger.kafka_cursor (cluster, topic, partition, consumer_group, next_offset) VALUES ($1, $2, $3, $4, 0)
         ON CONFLICT ON CONSTRAINT kafka_cursor_key DO NOTHING`,
    keyValues(key),
  );
  return (await findCursor(db, key)) as Cursor;
}

async function findCursor(db: Database, key: CursorKey): Promise<Cursor | null> {
  const { rows } = await db.query<CursorRow & { [column: string]: unknown }>(
    `SELECT ${COLUMNS} FROM ledger.kafka_cursor
      WHERE cluster = $1 AND topic = $2 AND partition = $3 AND consumer_group = $4`,
    keyValues(key),
  );
  return rows[0] === undefined ? null : fromRow(rows[0]);
}

function keyValues({ cluster, topic, partition, group }: CursorKey): unknown[] {
  return [cluster, topic, partition, group];
}

function fromRow(row: CursorRow): Cursor {
  const { cursor_id: cursorId, consumer_group: group, next_offset: nextOffset, cluster, topic, partition } = row;
  const lineage = { topicId: row.topic_id, epoch: row.leader_epoch };
  return { cursorId, cluster, topic, partition, group, nextOffset, lineage };
}

/**
 * Moves a cursor by compare-and-set: the fence. Of two processes that hold the same batch exactly one commits.
 *
 * @returns false when somebody else has moved it: roll back, drop the batch, load the cursor again, seek
 */
export async function advanceCursor(
  tx: Database,
  cursorId: number,
  { from, to }: { from: number; to: number },
): Promise<boolean> {
  if (to <= from) throw new RangeError(`a cursor moves forward, not from ${from} to ${to}`);
  const { rowCount } = await tx.query({
    name: 'move-cursor',
    text: `UPDATE ledger.kafka_cursor SET next_offset = $3, updated_at = ledger.clock()
      WHERE cursor_id = $1 AND next_offset = $2`,
    values: [cursorId, from, to],
  });
  return rowCount === 1;
}

/**
 * Writes down which log a cursor counts the offsets of, by compare-and-set.
 *
 * @returns false when somebody else has: load the cursor again
 */
export async function setLineage(
  db: Database,
  cursorId: number,
  { was, is }: { was: CursorLineage; is: CursorLineage },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE ledger.kafka_cursor SET topic_id = $4, leader_epoch = $5
      WHERE cursor_id = $1 AND topic_id IS NOT DISTINCT FROM $2 AND leader_epoch IS NOT DISTINCT FROM $3`,
    [cursorId, was.topicId, was.epoch, is.topicId, is.epoch],
  );
  return rowCount === 1;
}

/**
 * Puts a new cursor in the place of one whose log is gone. Offsets come again with other messages, and what was recorded under the
 * old ones keeps the old cursor, which leaves its group. Whoever still holds messages of the old log records them there.
 *
 * @returns the new cursor's id; null when somebody else has moved or replaced the old one: load the cursor again
 */
export async function replaceCursor(
  tx: Database,
  { cursorId, cluster, topic, partition, group }: CursorKey & { cursorId: number },
  { from, to, lineage }: { from: number; to: number; lineage: CursorLineage },
): Promise<number | null> {
  const { rowCount } = await tx.query(
    `UPDATE ledger.kafka_cursor SET consumer_group = consumer_group || '#' || cursor_id
      WHERE cursor_id = $1 AND next_offset = $2 AND consumer_group = $3`,
    [cursorId, from, group],
  );
  if (rowCount !== 1) return null;
  const { rows } = await tx.query<{ cursor_id: number }>(
    `INSERT INTO ledger.kafka_cursor (cluster, topic, partition, consumer_group, next_offset, topic_id, leader_epoch)
     VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING cursor_id`,
    [...keyValues({ cluster, topic, partition, group }), to, lineage.topicId, lineage.epoch],
  );
  return rows[0]?.cursor_id ?? null;
}
