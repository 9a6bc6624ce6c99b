import { readFileSync } from 'node:fs';
import { appendEvents, DEFAULT_LOG_ID, type Database, EventPartitions, type PreparedEvent } from '#app/log';
import { createPool } from '#app/runtime';
import type { Pool, QueryConfig } from 'pg';
import { freshDatabase } from '../support/database.js';
import { percentile } from './machine.js';
import { EventWriter } from './proof-events.js';

/** How long one batch holds the lock of the counter, which is what every other batch of the log waits for: microseconds. */
export interface Hold {
  events: number;
  /** The statement that takes the lock and inserts, and the commit that lets it go: the fastest tenth, and the median. */
  append: { p10: number; p50: number };
  commit: { p10: number; p50: number };
  /** CPU of the session in both, median: what is left of it when nothing else wants the cores, less the wait for the disk. */
  cpu: number;
}

/** Microseconds under the lock: of a batch whatever its size, and of each event in it (least squares). */
export interface Line {
  batchUs: number;
  eventUs: number;
}

export interface LockModel {
  holds: Hold[];
  /** Of the fastest tenths, and of CPU. */
  held: Line;
  cpu: Line;
}

const SIZES = [1, 50, 100, 250, 500];
const BATCHES = 40;
const WARM_UP = 10;

/** Appends batches of several sizes in turns, alone in a log of its own, as ingest does: sealed values first, then the lock. */
export async function measureLock(server: string): Promise<LockModel> {
  const database = await freshDatabase(server);
  const writer = await EventWriter.start(database.url);
  const pool = createPool(database.url, { role: 'ledger_ingest', max: 1 });
  const taken = new Map(SIZES.map((size) => [size, [] as Times[]]));
  try {
    const partitions = new EventPartitions(pool);
    await partitions.prepareFor();
    for (let batch = 0; batch < WARM_UP + BATCHES; batch++) {
      for (const size of SIZES) {
        const times = await appendOnce(pool, writer.prepare(size));
        if (batch >= WARM_UP) taken.get(size)?.push(times);
      }
    }
  } finally {
    await pool.end();
    await writer.close();
    await database.drop();
  }
  const holds = [...taken].map(([events, times]) => holdOf(events, times));
  return {
    holds,
    held: lineThrough(holds.map(({ events, append, commit }) => [events, append.p10 + commit.p10])),
    cpu: lineThrough(holds.map(({ events, cpu }) => [events, cpu])),
  };
}

/** Milliseconds. */
interface Times {
  append: number;
  commit: number;
  cpu: number;
}

async function appendOnce(pool: Pool, events: readonly PreparedEvent[]): Promise<Times> {
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const pid = rows[0]?.pid ?? 0;
    await client.query('BEGIN');
    let append = 0;
    let cpu = 0;
    const timed = timingAppend(client, pid, (ms, cpuMs) => {
      append = ms;
      cpu = cpuMs;
    });
    await appendEvents(timed, DEFAULT_LOG_ID, events);
    const [from, cpuFrom] = [performance.now(), ranMs(pid)];
    await client.query('COMMIT');
    return { append, commit: performance.now() - from, cpu: cpu + ranMs(pid) - cpuFrom };
  } finally {
    client.release();
  }
}

/** How long a process has run so far: finer than the ticks of /proc/PID/stat (Linux). */
function ranMs(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}

function holdOf(events: number, times: readonly Times[]): Hold {
  const us = (part: keyof Times, p: number): number =>
    Math.round(
      percentile(
        times.map((one) => one[part]),
        p,
      ) * 1_000,
    );
  return {
    events,
    append: { p10: us('append', 10), p50: us('append', 50) },
    commit: { p10: us('commit', 10), p50: us('commit', 50) },
    cpu: us('cpu', 50),
  };
}

/** The same connection; the append's own statement, which comes after the sealed values, is timed. */
function timingAppend(db: Database, pid: number, told: (ms: number, cpuMs: number) => void): Database {
  const query = async (statement: QueryConfig): Promise<unknown> => {
    const [from, cpuFrom] = [performance.now(), ranMs(pid)];
    const answer = await db.query(statement);
    if (statement.name === 'append') told(performance.now() - from, ranMs(pid) - cpuFrom);
    return answer;
  };
  return { query } as Database;
}

function lineThrough(points: readonly (readonly [x: number, y: number])[]): Line {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map((point) => point[0])), mean(points.map((point) => point[1]))];
  const slope =
    points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0) /
    points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  return { batchUs: Math.round(y - slope * x), eventUs: Math.round(slope * 10) / 10 };
}
