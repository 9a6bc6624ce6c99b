import type { Environment } from '../environment.js';
import { auditPool } from '../publishing/await-log.js';
import { readPositions } from '../publishing/await-figures.js';

export interface Cursor {
  cluster: string;
  topic: string;
  partition: number;
  next: number;
}

export interface DatabaseStatus {
  /** Last recorded position; -1 while the log is empty. */
  head: number;
  recordedAt: string | null;
  projected: number;
  /** Events. */
  projectionLag: number;
  openRejections: number;
  /** The signed checkpoint that is published; null before the first. */
  checkpoint: { size: number; publishedAt: string } | null;
  /** Age of the oldest event that no published checkpoint covers; null when all are covered. */
  unpublishedSeconds: number | null;
  /** How far ingest has read each partition. */
  cursors: Cursor[];
}

const OPEN_REJECTIONS = `
  SELECT count(*)::int AS open FROM ledger.rejection r
   WHERE NOT EXISTS (SELECT FROM ledger.rejection_resolution x WHERE x.rejection_id = r.rejection_id)`;

const PUBLISHED = `
  SELECT size, published_at FROM notary.checkpoint WHERE published_at IS NOT NULL ORDER BY log_id, size DESC LIMIT 1`;

const UNPUBLISHED = `
  SELECT extract(epoch FROM ledger.clock() - e.recorded_at)::float8 AS seconds FROM ledger.head h
    JOIN ledger.event e ON e.log_id = h.log_id AND e.position = coalesce((
         SELECT max(c.size) FROM notary.checkpoint c WHERE c.log_id = h.log_id AND c.published_at IS NOT NULL), 0)
   ORDER BY h.log_id LIMIT 1`;

/** @throws whatever the database says when it does not answer */
export async function databaseStatus(environment: Environment): Promise<DatabaseStatus> {
  const pool = auditPool(environment);
  try {
    const { head, projected } = await readPositions(pool);
    const moment = await pool.query<{ recorded_at: Date }>(
      'SELECT recorded_at FROM ledger.head ORDER BY log_id LIMIT 1',
    );
    const rejections = await pool.query<{ open: number }>(OPEN_REJECTIONS);
    const published = await pool.query<{ size: number; published_at: Date }>(PUBLISHED);
    const unpublished = await pool.query<{ seconds: number }>(UNPUBLISHED);
    const cursors = await pool.query<Cursor>(
      'SELECT cluster, topic, partition, next_offset AS next FROM ledger.kafka_cursor WHERE consumer_group = $1',
      [environment.consumerGroup],
    );
    return {
      head,
      recordedAt: moment.rows[0]?.recorded_at.toISOString() ?? null,
      projected,
      projectionLag: Math.max(0, head - projected),
      openRejections: rejections.rows[0]?.open ?? 0,
      checkpoint:
        published.rows.map(({ size, published_at: at }) => ({ size, publishedAt: at.toISOString() }))[0] ?? null,
      unpublishedSeconds: unpublished.rows[0]?.seconds ?? null,
      cursors: cursors.rows,
    };
  } finally {
    await pool.end();
  }
}
