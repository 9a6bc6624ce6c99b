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

/** The tick of /proc/PID/stat: 1/100 s on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** CPU seconds that processes have used so far, user and system together (Linux); those that are gone count nothing. */
export function cpuSeconds(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    try {
      const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
      const [user, system] = fields.split(' ').slice(11, 13).map(Number);
      ticks += (user ?? 0) + (system ?? 0);
    } catch {
      // It has ended, or there is no /proc here.
    }
  }
  return ticks / TICKS_PER_SECOND;
}

/** CPU seconds of the server's own processes and of all sessions that are open. */
export async function postgresCpuSeconds(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ pid: number }>('SELECT pid FROM pg_stat_activity');
  return cpuSeconds(rows.map(({ pid }) => pid));
}
