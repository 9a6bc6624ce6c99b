import type { Database } from '#app/log';

/** Whose progress: of one log into one topic of one cluster. */
export interface Route {
  logId: number;
  cluster: string;
  topic: string;
}

/** The last position that was handed on with all before it; -1 for none. Makes the row if it is missing. */
export async function readCheckpoint(db: Database, { logId, cluster, topic }: Route): Promise<number> {
  const key = [logId, cluster, topic];
  await db.query(
    'INSERT INTO relay.checkpoint (log_id, cluster, topic, position) VALUES ($1, $2, $3, -1) ON CONFLICT DO NOTHING',
    key,
  );
  const { rows } = await db.query<{ position: number }>(
    'SELECT position::float8 FROM relay.checkpoint WHERE log_id = $1 AND cluster = $2 AND topic = $3',
    key,
  );
  return (rows[0] as { position: number }).position;
}

/** Moves it by compare-and-set. False when somebody else has moved it. */
export async function moveCheckpoint(db: Database, route: Route, move: { from: number; to: number }): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE relay.checkpoint SET position = $5, updated_at = clock_timestamp()
      WHERE log_id = $1 AND cluster = $2 AND topic = $3 AND position = $4`,
    [route.logId, route.cluster, route.topic, move.from, move.to],
  );
  return rowCount === 1;
}
