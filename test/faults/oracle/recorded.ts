import type pg from 'pg';

/** A leaf as the oracle reads it. */
export interface Leaf {
  position: number;
  recordedAt: string;
  id: string;
  type: string;
  stream: string;
  streamVersion: number;
  also?: { stream: string; streamVersion: number }[];
  source: { ceSource: string; ceId: string; topic: string; partition: number; offset: number } | null;
  data: Record<string, unknown>;
}

/** What became of one message: its event, a rejection with this code, or that it was known already. */
export interface Outcome {
  topic: string;
  partition: number;
  offset: number;
  /** `event <type>`, `rejected <code>` or `duplicate`. */
  what: string;
  /** `<source> <id>` of the event; null for others. */
  identity: string | null;
}

/** Everything that is recorded, as the database says it: the truth that all the rest is compared with. */
export interface Recorded {
  texts: string[];
  leaves: Leaf[];
  /** Columns beside the leaf. */
  positions: number[];
  streams: { stream: string; version: number; position: number }[];
  nextPosition: number;
  outcomes: Outcome[];
}

// Where offsets came again, those of the log that is there now come last.
const OUTCOMES = `
  SELECT c.topic, c.partition, o.source_offset::float8 AS "offset", o.what, o.identity
    FROM (SELECT cursor_id, source_offset, 'event ' || type AS what, ce_source || ' ' || ce_id AS identity
            FROM ledger.event WHERE source_offset IS NOT NULL AND type <> 'ReportRejected'
           UNION ALL
          SELECT cursor_id, source_offset, 'rejected ' || code, NULL FROM ledger.rejection
           UNION ALL
          SELECT cursor_id, source_offset, 'duplicate', NULL FROM ledger.duplicate) AS o
    JOIN ledger.kafka_cursor c USING (cursor_id)
   ORDER BY cursor_id`;

/** At one moment: in one snapshot of the database. */
export async function readRecorded(pool: pg.Pool): Promise<Recorded> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const events = await client.query<{ position: number; leaf: string }>(
      'SELECT position::float8, leaf FROM ledger.event ORDER BY position',
    );
    const streams = await client.query<{ stream: string; version: number; position: number }>(
      `SELECT stream_id AS stream, stream_version AS version, position::float8 FROM ledger.event_stream
        ORDER BY stream_id, stream_version`,
    );
    const head = await client.query<{ next: number }>('SELECT next_position::float8 AS next FROM ledger.head');
    const outcomes = await client.query<Outcome>(OUTCOMES);
    await client.query('COMMIT');
    const texts = events.rows.map(({ leaf }) => leaf);
    return {
      texts,
      leaves: texts.map((text) => JSON.parse(text) as Leaf),
      positions: events.rows.map(({ position }) => position),
      streams: streams.rows,
      nextPosition: head.rows[0]?.next ?? -1,
      outcomes: outcomes.rows,
    };
  } finally {
    client.release();
  }
}
