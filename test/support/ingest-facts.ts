import type pg from 'pg';
import { endOffsets } from './kafka.js';
import { eventually } from './eventually.js';

/** Waits until every message of both topics is behind its cursor. */
export async function untilIngested(pool: pg.Pool, brokers: string, group: string, timeoutMs = 60_000): Promise<void> {
  await eventually(
    'every message is recorded',
    async () => {
      for (const topic of ['conflict.reports.v1', 'conflict.decisions.v1']) {
        const ends = await endOffsets(topic, brokers);
        const { rows } = await pool.query<{ partition: number; next: string }>(
          'SELECT partition, next_offset AS next FROM ledger.kafka_cursor WHERE topic = $1 AND consumer_group = $2',
          [topic, group],
        );
        const next = new Map(rows.map((row) => [row.partition, Number(row.next)]));
        if (ends.some((end, partition) => (next.get(partition) ?? 0) !== end)) return false;
      }
      return true;
    },
    { timeoutMs, everyMs: 100 },
  );
}

/** Every event in order: [type, report id or null]. Fails when the positions are not dense. */
export async function eventsOf(pool: pg.Pool): Promise<{ type: string; reportId: string | null; leaf: Leaf }[]> {
  const { rows } = await pool.query<{ position: string; type: string; report_id: string | null; leaf: string }>(
    'SELECT position, type, report_id, leaf FROM ledger.event ORDER BY position',
  );
  rows.forEach(({ position }, index) => {
    if (Number(position) !== index) throw new Error(`position ${position} stands where ${index} should`);
  });
  return rows.map(({ type, report_id: reportId, leaf }) => ({ type, reportId, leaf: JSON.parse(leaf) as Leaf }));
}

export interface Leaf {
  id: string;
  actor: string;
  causationId: string | null;
  stream: string;
  streamVersion: number;
  source: { topic: string; partition: number; offset: number; ceId: string; ceSource: string } | null;
  data: Record<string, unknown>;
}

/** Report ids of what is recorded, sorted: the oracle of "exactly once". */
export async function recordedReports(pool: pg.Pool): Promise<string[]> {
  const events = await eventsOf(pool);
  return events
    .filter(({ type }) => type === 'ReportRecorded')
    .map(({ reportId }) => reportId ?? '')
    .toSorted();
}

/** Codes of the rejections by CloudEvents id ('' where it is unknown). */
export async function rejectionCodes(pool: pg.Pool): Promise<{ code: string; ceId: string; rejection: string }[]> {
  const { rows } = await pool.query<{ code: string; ceId: string; rejection: string }>(
    `SELECT code, coalesce(rejection.ce_id, '') AS "ceId", rejection_id AS rejection FROM ledger.rejection JOIN ledger.event USING (event_id)
      ORDER BY position`,
  );
  return rows;
}
