import { cpus, totalmem } from 'node:os';
import { readFileSync } from 'node:fs';
import type { Pool } from 'pg';

/** What the figures were measured on: without it they mean nothing. */
export async function describeMachine(pool: Pool): Promise<Record<string, string | number>> {
  const { rows } = await pool.query<{ version: string; fsync: string; commit: string }>(
    "SELECT version(), current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit",
  );
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    postgres: rows[0]?.version.split(' on ')[0] ?? 'unknown',
    fsync: rows[0]?.fsync ?? 'unknown',
    synchronousCommit: rows[0]?.commit ?? 'unknown',
    date: new Date().toISOString(),
  };
}

/** Highest resident set of a process so far, in MiB (Linux); null elsewhere. */
export function peakMemoryMiB(pid: number): number | null {
  try {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return line === null ? null : Math.round(Number(line[1]) / 1024);
  } catch {
    return null;
  }
}

/** The p-th percentile (0–100) of values, nearest rank. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((p / 100) * sorted.length) - 1)] ?? Number.NaN;
}
