import { once } from 'node:events';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { loadCursors, readHead } from '#app/log';
import { createPool, repositoryRoot } from '#app/runtime';
import type { Pool } from 'pg';
import { pino } from 'pino';
import type { IngestConfig } from '../../apps/ingest/src/ingest.config.js';
import { openLog } from '../../apps/ingest/src/open-log.js';
import { TEST_ORIGIN } from '../support/processes.js';
import { SYSTEM_EVENTS } from './system.js';

/** What a thread needs to write events. */
export interface GrowthPart {
  url: string;
  keyFile: string;
  /** As `GrownWorld` takes them. */
  events: number;
  cursors: readonly number[];
  /** When the log was made: milliseconds since 1970. */
  createdAt: number;
}

/** Reports by their numbers. */
export interface GrowthBatch {
  from: number;
  count: number;
}

/** Reports that were recorded at one moment, as by one transaction. */
const BATCH = 1_000;
/** Milliseconds between two of them: far less than it takes to write one, so that the head is never ahead of the clock. */
const BETWEEN_BATCHES = 10;
const THREADS = 3;
const PARTITIONS = 4;

/** When report `n` was recorded. */
export const momentOf = (createdAt: number, n: number): Date =>
  new Date(createdAt + (1 + Math.floor(n / BATCH)) * BETWEEN_BATCHES);

/** The last position of each moment, in order. */
export function momentsOf(createdAt: number, reports: number): { recordedAt: Date; position: number }[] {
  return Array.from({ length: Math.ceil(reports / BATCH) }, (_, batch) => ({
    recordedAt: momentOf(createdAt, batch * BATCH),
    position: SYSTEM_EVENTS + Math.min(reports, (batch + 1) * BATCH) - 1,
  }));
}

export interface Growing {
  url: string;
  keyFile: string;
  /** As `GrownWorld` takes them, and how many reports that makes. */
  events: number;
  size: number;
  /** Called with the number of reports up to which all are in the log. */
  reached: (reports: number) => void;
}

/** The log is made by ingest's own function, empty. @returns when: milliseconds since 1970 */
export async function makeLog({ url, keyFile }: Pick<Growing, 'url' | 'keyFile'>): Promise<number> {
  return asIngest(url, async (pool) => {
    const config = { LEDGER_MASTER_KEY_FILE: keyFile, LEDGER_LOG_ORIGIN: TEST_ORIGIN, LEDGER_TOPIC_SOURCES: '*' };
    await openLog(pool, config as IngestConfig, pino({ level: 'silent' }));
    return (await readHead(pool)).recordedAt.getTime();
  });
}

/** Threads write the reports in batches; head, partitions and cursors follow what is written without a gap. */
export async function growLog(growing: Growing, createdAt: number): Promise<void> {
  await asIngest(growing.url, async (pool) => {
    const keys = Array.from({ length: PARTITIONS }, (_, partition) => ({
      ...{ cluster: 'grown', topic: 'conflict.reports.v1', partition, group: 'grown' },
    }));
    const cursors = (await loadCursors(pool, keys)).map(({ cursorId }) => cursorId);
    const part: GrowthPart = { ...growing, cursors, createdAt };
    const threads = await Promise.all(Array.from({ length: THREADS }, () => startThread(part)));
    try {
      await Promise.race([writeAll(pool, threads, { growing, createdAt }), ...threads.map(failureOf)]);
    } finally {
      await Promise.all(threads.map((thread) => thread.terminate()));
    }
    // As if Kafka had been read to the end.
    const offset = Math.ceil(growing.size / PARTITIONS);
    await pool.query('UPDATE ledger.kafka_cursor SET next_offset = $1', [offset]);
  });
}

async function asIngest<T>(url: string, work: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = createPool(url, { role: 'ledger_ingest', max: 2 });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}

async function startThread({ url, keyFile, events, cursors, createdAt }: GrowthPart): Promise<Worker> {
  const file = path.join(repositoryRoot(), 'dist', 'test', 'bench', 'growth-worker.js');
  const thread = new Worker(file, { workerData: { url, keyFile, events, cursors, createdAt } satisfies GrowthPart });
  await once(thread, 'message');
  return thread;
}

const failureOf = (thread: Worker): Promise<never> => new Promise((_, reject) => thread.once('error', reject));

async function writeAll(
  pool: Pool,
  threads: readonly Worker[],
  { growing: { size, reached }, createdAt }: { growing: Growing; createdAt: number },
): Promise<void> {
  const written = new Set<number>();
  let [next, whole] = [0, 0];
  const follow = async (): Promise<void> => {
    while (written.delete(whole)) whole = Math.min(size, whole + BATCH);
    if (whole > 0) await moveHead(pool, { whole, createdAt });
    reached(whole);
  };
  await Promise.all(
    threads.map(async (thread) => {
      while (next < size) {
        const batch: GrowthBatch = { from: next, count: Math.min(BATCH, size - next) };
        next += batch.count;
        const done = once(thread, 'message');
        thread.postMessage(batch);
        await done;
        written.add(batch.from);
        await follow();
      }
    }),
  );
}

/** In one statement the next partitions, which are made before the positions are needed: `follow` may run twice at once. */
async function moveHead(pool: Pool, { whole, createdAt }: { whole: number; createdAt: number }): Promise<void> {
  await pool.query(
    `UPDATE ledger.head SET next_position = $1, recorded_at = $2 WHERE next_position < $1
     RETURNING ledger.ensure_event_partition($1 + partition_size / 2)`,
    [SYSTEM_EVENTS + whole, momentOf(createdAt, whole - 1)],
  );
}
