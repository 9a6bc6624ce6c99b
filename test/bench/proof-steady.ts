import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CHECKPOINT_FILE } from '#app/transparency';
import type { Pool } from 'pg';
import { startApp } from '../support/processes.js';
import { percentile } from './machine.js';
import type { EventWriter } from './proof-events.js';
import { reached } from './system.js';

export interface Covered {
  eventsPerSecond: number;
  events: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

const TICK_MS = 100;
const LOOK_MS = 5;

/**
 * Records at a steady rate while a notary process is at work, and measures, per event, from its `recordedAt` to the moment at
 * which the published checkpoint covers it, as somebody sees who looks at the file.
 */
export async function coveredLatency(
  { pool, writer, env }: { pool: Pool; writer: EventWriter; env: Record<string, string> },
  { rate, seconds }: { rate: number; seconds: number },
): Promise<Covered> {
  const file = path.join(env['LEDGER_TILES_DIR'] ?? '', CHECKPOINT_FILE);
  const notary = await startApp('notary', env);
  try {
    await notary.waitReady(120_000);
    const from = sizeIn(file);
    const seen: { at: number; size: number }[] = [];
    const watching = new AbortController();
    const watcher = watch(file, seen, watching.signal);
    const events = await record(writer, { rate, seconds });
    await reached(() => Promise.resolve(sizeIn(file)), from + events, { timeoutMs: 60_000 });
    await sleep(2 * LOOK_MS);
    watching.abort();
    await watcher;
    const latencies = await latenciesOf(pool, seen, from);
    if (latencies.length !== events) throw new Error(`${latencies.length} of ${events} events were covered`);
    return {
      eventsPerSecond: rate,
      events,
      p50Ms: Math.round(percentile(latencies, 50)),
      p99Ms: Math.round(percentile(latencies, 99)),
      maxMs: Math.round(percentile(latencies, 100)),
    };
  } finally {
    await notary.stop();
  }
}

function sizeIn(file: string): number {
  return Number(readFileSync(file, 'utf8').split('\n')[1]);
}

async function watch(file: string, seen: { at: number; size: number }[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const size = sizeIn(file);
    if (size !== seen.at(-1)?.size) seen.push({ at: Date.now(), size });
    await sleep(LOOK_MS);
  }
}

async function record(writer: EventWriter, { rate, seconds }: { rate: number; seconds: number }): Promise<number> {
  const startedAt = performance.now();
  const total = rate * seconds;
  let done = 0;
  while (done < total) {
    const due = Math.min(total, Math.ceil(((performance.now() - startedAt) / 1000) * rate));
    if (due > done) await writer.append(due - done);
    done = Math.max(done, due);
    await sleep(TICK_MS);
  }
  return done;
}

/** The clocks of PostgreSQL and of this process are those of one machine. */
async function latenciesOf(pool: Pool, seen: readonly { at: number; size: number }[], from: number): Promise<number[]> {
  const { rows } = await pool.query<{ position: string; recorded: string }>(
    'SELECT position, extract(epoch FROM recorded_at) * 1000 AS recorded FROM ledger.event WHERE position >= $1 ORDER BY position',
    [from],
  );
  let step = 0;
  return rows.flatMap(({ position, recorded }) => {
    while (step < seen.length && (seen[step]?.size ?? 0) <= Number(position)) step += 1;
    const at = seen[step]?.at;
    return at === undefined ? [] : [at - Number(recorded)];
  });
}
