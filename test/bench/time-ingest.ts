import type { App } from '../support/processes.js';
import type { TestSystem } from '../support/system.js';
import { cpuSeconds, postgresCpuSeconds } from './machine.js';
import { logSize, reached, SYSTEM_EVENTS } from './system.js';

export interface IngestTime {
  /** For all reports. */
  seconds: number;
  /** Microseconds a report. */
  cpu: { ingest: number; postgres: number };
}

/** From the moment at which every process has recorded something: their start is not a part of the rate. */
export async function timeIngest({ pool }: TestSystem, apps: readonly App[], reports: number): Promise<IngestTime> {
  const pids = apps.map(({ pid }) => pid);
  const atWork = async (): Promise<number> => apps.filter((app) => app.logs().includes('batch recorded')).length;
  await reached(atWork, apps.length, { timeoutMs: 60_000, everyMs: 2 });
  const first = performance.now();
  const [counted, ingest, postgres] = [await logSize(pool), cpuSeconds(pids), await postgresCpuSeconds(pool)];
  const last = await reached(() => logSize(pool), SYSTEM_EVENTS + reports, { timeoutMs: 600_000 });
  // What the first look saw was written before it.
  const left = reports - (counted - SYSTEM_EVENTS);
  if (left < reports / 2)
    throw new Error(`only ${left} reports were left when every process was at work: publish more`);
  const each = (used: number): number => Math.round((used * 1e6) / left);
  return {
    seconds: ((last - first) / 1000) * (reports / left),
    cpu: { ingest: each(cpuSeconds(pids) - ingest), postgres: each((await postgresCpuSeconds(pool)) - postgres) },
  };
}
