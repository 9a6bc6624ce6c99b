import type { App } from '../support/processes.js';
import type { TestSystem } from '../support/system.js';
import { produce } from '../support/kafka.js';
import { type Ceiling, insertCeiling } from './ceiling.js';
import { cpuSeconds, postgresCpuSeconds } from './machine.js';
import { publishedReports } from './reports.js';
import { logSize, reached, SYSTEM_EVENTS } from './system.js';

export interface RecordingOptions {
  reports: number;
  /** Processes of ingest, which share the partitions. */
  processes: number;
  /** Null for a broker whose process is not ours to measure. */
  brokerPid: number | null;
  say: (text: string) => void;
}

/** What recording took, beside plain INSERT of what it recorded. CPU in microseconds per report, user and system together. */
export interface Recording {
  reportsPerSecond: number;
  cpu: { ingest: number; postgres: number; kafka: number };
  ceilings: Ceiling[];
}

/** Publishes reports, then lets ingest start and record them; then the same leaves by plain INSERT. */
export async function measureRecording(
  system: TestSystem,
  { reports, processes, brokerPid, say }: RecordingOptions,
): Promise<{ recording: Recording; apps: App[] }> {
  say(`publishing ${reports} reports …`);
  for (const messages of publishedReports(0, reports)) await produce(messages, system.brokers);
  say('ingest …');
  const apps = await Promise.all(Array.from({ length: processes }, () => system.start('ingest')));
  const { seconds, cpu } = await timeIngest(system, { apps, brokerPid, reports });
  say(
    `${Math.round(reports / seconds)} reports/s; CPU per report: ingest ${cpu.ingest} µs, PostgreSQL ${cpu.postgres} µs, Kafka ${cpu.kafka} µs`,
  );
  say('the same leaves by plain INSERT …');
  const ceilings = await insertCeiling(system.database.url);
  for (const { connections, rowsPerSecond, cpu: used } of ceilings) {
    say(
      `${connections} connection(s): ${rowsPerSecond} rows/s; CPU per row: client ${used.client} µs, PostgreSQL ${used.postgres} µs`,
    );
  }
  return { recording: { reportsPerSecond: reports / seconds, cpu, ceilings }, apps };
}

export interface Timed {
  apps: readonly App[];
  brokerPid: number | null;
  reports: number;
  /** Events in the log before the first of them. */
  before?: number;
}

/** From the moment at which every process has recorded something: their start is not a part of the rate. */
export async function timeIngest(
  { pool }: Pick<TestSystem, 'pool'>,
  { apps, brokerPid, reports, before = SYSTEM_EVENTS }: Timed,
): Promise<{ seconds: number; cpu: Recording['cpu'] }> {
  const pids = apps.map(({ pid }) => pid);
  const broker = brokerPid === null ? [] : [brokerPid];
  const used = async (): Promise<Recording['cpu']> => ({
    ingest: cpuSeconds(pids),
    postgres: await postgresCpuSeconds(pool),
    kafka: cpuSeconds(broker),
  });
  const atWork = async (): Promise<number> => apps.filter((app) => app.logs().includes('batch recorded')).length;
  await reached(atWork, apps.length, { timeoutMs: 60_000, everyMs: 2 });
  const first = performance.now();
  const [counted, usedBefore] = [await logSize(pool), await used()];
  const last = await reached(() => logSize(pool), before + reports, { timeoutMs: 600_000 });
  const after = await used();
  // What the first look saw was written before it.
  const left = reports - (counted - before);
  if (left < reports / 2) {
    throw new Error(`only ${left} reports were left when every process was at work: publish more`);
  }
  const each = (part: keyof Recording['cpu']): number => Math.round(((after[part] - usedBefore[part]) * 1e6) / left);
  return {
    seconds: ((last - first) / 1000) * (reports / left),
    cpu: { ingest: each('ingest'), postgres: each('postgres'), kafka: each('kafka') },
  };
}
