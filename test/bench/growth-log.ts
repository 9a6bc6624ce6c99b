import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { loadCursors, readHead } from '#app/log';
import { createPool, repositoryRoot } from '#app/runtime';
import type { Pool } from 'pg';
import { pino } from 'pino';
import type { IngestConfig } from '../../apps/ingest/src/ingest.config.js';
import { openLog } from '../../apps/ingest/src/open-log.js';
import { TEST_ORIGIN } from '../support/processes.js';
import { SYSTEM_EVENTS } from './system.js';

/** What a process needs to write events. */
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
  writers: number;
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

/** Processes write the reports in batches; head, partitions and cursors follow what is written without a gap. */
export async function growLog(growing: Growing, createdAt: number): Promise<void> {
  await asIngest(growing.url, async (pool) => {
    const keys = Array.from({ length: PARTITIONS }, (_, partition) => ({
      ...{ cluster: 'grown', topic: 'conflict.reports.v1', partition, group: 'grown' },
    }));
    const cursors = (await loadCursors(pool, keys)).map(({ cursorId }) => cursorId);
    const part: GrowthPart = { ...growing, cursors, createdAt };
    const writers = Array.from({ length: growing.writers }, () => startWriter(part));
    try {
      await Promise.race([writeAll(pool, writers, { growing, createdAt }), ...writers.map(endOf)]);
    } finally {
      for (const writer of writers) writer.kill();
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

function startWriter({ url, keyFile, events, cursors, createdAt }: GrowthPart): ChildProcess {
  const file = path.join(repositoryRoot(), 'dist', 'test', 'bench', 'growth-child.js');
  return fork(file, [JSON.stringify({ url, keyFile, events, cursors, createdAt } satisfies GrowthPart)]);
}

async function endOf(writer: ChildProcess): Promise<never> {
  await once(writer, 'exit');
  throw new Error('a process that wrote events has ended');
}

async function writeAll(
  pool: Pool,
  writers: readonly ChildProcess[],
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
    writers.map(async (writer) => {
      await once(writer, 'message');
      while (next < size) {
        const batch: GrowthBatch = { from: next, count: Math.min(BATCH, size - next) };
        next += batch.count;
        const done = once(writer, 'message');
        writer.send(batch);
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
