import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { kafkaClient, REPORTS_TOPIC } from '../support/kafka.js';
import { percentile } from './machine.js';
import { benchMessages } from './reports.js';
import { logSize, projectedPosition, reached } from './system.js';

export interface Visible extends Percentiles {
  reportsPerSecond: number;
  reports: number;
  /** The way of it up to the log, and from there into the figures: which of the two makes the tail. */
  toRecorded: Percentiles;
  toFigures: Percentiles;
}

interface Percentiles {
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

const TICK_MS = 20;

/**
 * Publishes at a steady rate and measures, per report, from the moment it is handed to Kafka's client to the moment at
 * which the figures contain it (the projector's committed checkpoint has passed its position).
 */
export async function visibleLatency(
  pool: Pool,
  { brokers, rate, seconds, firstReport }: { brokers: string; rate: number; seconds: number; firstReport: number },
): Promise<Visible> {
  const sentAt = new Map<string, number>();
  const seen: { at: number; position: number }[] = [];
  const before = await logSize(pool);
  const watching = new AbortController();
  const watcher = watchCheckpoint(pool, seen, watching.signal);
  const count = await publish({ brokers, rate, seconds, firstReport }, sentAt);
  await reached(() => projectedPosition(pool), before + count - 1, { timeoutMs: 120_000 });
  await sleep(100);
  watching.abort();
  await watcher;

  const { rows } = await pool.query<{ position: string; ce_id: string; moment: number }>(
    `SELECT position, ce_id, extract(epoch FROM recorded_at)::float8 * 1000 AS moment
       FROM ledger.event WHERE position >= $1 ORDER BY position`,
    [before],
  );
  let step = 0;
  const latencies: number[] = [];
  const toRecorded: number[] = [];
  const toFigures: number[] = [];
  for (const { position, ce_id, moment } of rows) {
    while (step < seen.length && (seen[step]?.position ?? 0) < Number(position)) step++;
    const at = seen[step]?.at;
    const sent = sentAt.get(ce_id);
    if (at === undefined || sent === undefined) continue;
    // The server's clock is this machine's, in whole milliseconds.
    const recorded = moment - performance.timeOrigin;
    latencies.push(at - sent);
    toRecorded.push(recorded - sent);
    toFigures.push(at - recorded);
  }
  if (latencies.length !== count) throw new Error(`${latencies.length} of ${count} reports became visible`);
  return {
    reportsPerSecond: Math.round(rate),
    reports: count,
    ...percentiles(latencies),
    toRecorded: percentiles(toRecorded),
    toFigures: percentiles(toFigures),
  };
}

function percentiles(values: readonly number[]): Percentiles {
  const [p50Ms, p99Ms, maxMs] = [50, 99, 100].map((p) => Math.round(percentile(values, p))) as [number, number, number];
  return { p50Ms, p99Ms, maxMs };
}

async function watchCheckpoint(
  pool: Pool,
  seen: { at: number; position: number }[],
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const position = await projectedPosition(pool);
    if (position !== seen.at(-1)?.position) seen.push({ at: performance.now(), position });
    await sleep(5);
  }
}

async function publish(
  { brokers, rate, seconds, firstReport }: { brokers: string; rate: number; seconds: number; firstReport: number },
  sentAt: Map<string, number>,
): Promise<number> {
  const messages = benchMessages(firstReport, Math.floor(rate * seconds));
  const producer = kafkaClient(brokers).producer({ allowAutoTopicCreation: false });
  await producer.connect();
  const startedAt = performance.now();
  let next = 0;
  while (next < messages.length) {
    const due = Math.min(messages.length, Math.ceil(((performance.now() - startedAt) / 1000) * rate));
    const batch = messages.slice(next, due);
    const now = performance.now();
    for (let i = next; i < due; i++) sentAt.set(`bench-${firstReport + i}`, now);
    next = due;
    if (batch.length > 0) {
      await producer.send({
        topic: REPORTS_TOPIC,
        acks: -1,
        messages: batch.map(({ key = null, value, headers = {} }) => ({ key, value, headers })),
      });
    }
    await sleep(TICK_MS);
  }
  await producer.disconnect();
  return messages.length;
}
