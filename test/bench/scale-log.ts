import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunningPostgres, startPostgres } from '../../infra/local/embedded-postgres.js';
import type { RunningKafka } from '../../infra/local/kafka-broker.js';
import { startTestKafka } from '../../infra/local/test-services.js';
import { kafkaClient, REPORTS_TOPIC } from '../support/kafka.js';
import type { App } from '../support/processes.js';
import { startSystem, type SystemOptions, type TestSystem } from '../support/system.js';
import { cpuSeconds, postgresCpuSeconds } from './machine.js';
import type { Recording } from './recording.js';
import { publishedReports } from './reports.js';
import { logSize, reached, SYSTEM_EVENTS } from './system.js';

/** A log with everything of its own: database server, broker, and later its processes. */
export interface LogServices {
  postgres: RunningPostgres;
  kafka: RunningKafka;
  stop: () => Promise<void>;
}

export async function startLogServices(folder: string): Promise<LogServices> {
  const postgres = await startPostgres({
    folder: path.join(folder, 'postgres'),
    logFile: path.join(folder, 'postgres.log'),
    shelter: path.join(path.dirname(folder), 'postgres-binaries'),
    settings: { max_connections: '200', shared_buffers: '1GB', max_wal_size: '8GB' },
  });
  const kafka = await startTestKafka(folder);
  const stop = async (): Promise<void> => {
    await kafka.stop();
    await postgres.stop();
  };
  return { postgres, kafka, stop };
}

export interface LogRun {
  reportsPerSecond: number;
  /** Microseconds per report. */
  cpu: Recording['cpu'];
}

export interface ScaleRun {
  logs: number;
  /** Of ingest, each log. */
  processes: number;
  runs: LogRun[];
  /** All logs together. */
  reportsPerSecond: number;
  /** Cores that were busy on the whole machine meanwhile, with whatever else ran on it. */
  busyCores: number;
}

/** Records so many reports in each of the logs at once, each log with so many processes that share its topic. */
export async function record(
  services: readonly LogServices[],
  { processes, reports }: { processes: number; reports: number },
): Promise<ScaleRun> {
  const logs = await Promise.all(services.map((one) => startLog(one, processes)));
  try {
    // What is published is not seen yet.
    const shows = await Promise.all(logs.map(({ system }) => publishUnseen(system.brokers, reports)));
    const busy = machineBusySeconds();
    const from = performance.now();
    const runs = await Promise.all(logs.map((log, index) => recordOne(log, { reports, show: shows[index] as Show })));
    const seconds = (performance.now() - from) / 1000;
    return {
      logs: services.length,
      processes,
      runs,
      reportsPerSecond: runs.reduce((sum, run) => sum + run.reportsPerSecond, 0),
      busyCores: Math.round(((machineBusySeconds() - busy) / seconds) * 100) / 100,
    };
  } finally {
    await Promise.all(logs.map(({ system }) => system.stop()));
  }
}

interface Log {
  system: TestSystem;
  apps: App[];
  brokerPid: number | null;
}

/** A fresh database, empty topics, and processes that share them. */
async function startLog({ postgres, kafka }: LogServices, processes: number): Promise<Log> {
  const system = await startPatiently({ apps: [], adminUrl: postgres.url, brokers: kafka.brokers });
  const apps: App[] = [];
  for (let n = 0; n < processes; n++) apps.push(await system.start('ingest'));
  await Promise.all(apps.map((app) => app.waitReady(PATIENCE_MS)));
  await shared(system, processes);
  return { system, apps, brokerPid: kafka.pid };
}

const PATIENCE_MS = 180_000;
const ATTEMPTS = 5;

/** A busy broker may not know yet of topics that it has just made. */
async function startPatiently(options: SystemOptions): Promise<TestSystem> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startSystem(options);
    } catch (error) {
      if (attempt === ATTEMPTS || (error as { retriable?: boolean }).retriable !== true) throw error;
    }
  }
}

/** Until the partitions are shared among all processes. */
async function shared({ brokers, env }: TestSystem, processes: number): Promise<void> {
  const admin = kafkaClient(brokers).admin();
  await admin.connect();
  try {
    for (let left = 600; left > 0; left -= 1) {
      const { groups } = await admin.describeGroups([env['LEDGER_CONSUMER_GROUP'] as string]);
      if (groups[0]?.state === 'Stable' && groups[0].members.length === processes) return;
      await sleep(200);
    }
    throw new Error(`the topic was not shared among ${processes} processes`);
  } finally {
    await admin.disconnect();
  }
}

type Show = () => Promise<void>;

/** Publishes in one transaction of Kafka, which consumers see nothing of until what is returned commits it. */
async function publishUnseen(brokers: string, reports: number): Promise<Show> {
  const producer = kafkaClient(brokers).producer({
    allowAutoTopicCreation: false,
    idempotent: true,
    maxInFlightRequests: 1,
    transactionalId: 'bench-scale',
    transactionTimeout: 300_000,
  });
  await producer.connect();
  const transaction = await producer.transaction();
  for (const messages of publishedReports(0, reports)) {
    await transaction.send({
      topic: REPORTS_TOPIC,
      acks: -1,
      messages: messages.map(({ key = null, value, headers = {} }) => ({ key, value, headers })),
    });
  }
  return async () => {
    await transaction.commit();
    await producer.disconnect();
  };
}

async function recordOne(
  { system: { pool }, apps, brokerPid }: Log,
  { reports, show }: { reports: number; show: Show },
): Promise<LogRun> {
  const pids = apps.map(({ pid }) => pid);
  const used = async (): Promise<Recording['cpu']> => ({
    ingest: cpuSeconds(pids),
    postgres: await postgresCpuSeconds(pool),
    kafka: cpuSeconds(brokerPid === null ? [] : [brokerPid]),
  });
  const before = await used();
  const from = performance.now();
  await show();
  const last = await reached(() => logSize(pool), SYSTEM_EVENTS + reports, { timeoutMs: 600_000 });
  const after = await used();
  const each = (part: keyof Recording['cpu']): number => Math.round(((after[part] - before[part]) * 1e6) / reports);
  return {
    reportsPerSecond: Math.round((reports * 1000) / (last - from)),
    cpu: { ingest: each('ingest'), postgres: each('postgres'), kafka: each('kafka') },
  };
}

/** CPU seconds that all processes of the machine have used so far (Linux). */
function machineBusySeconds(): number {
  const [all = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = all.split(/\s+/).slice(1).map(Number);
  return (user + nice + system + irq + softirq) / 100;
}
