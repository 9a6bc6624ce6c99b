import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { createPool, repositoryRoot } from '#app/runtime';
import { startPostgres } from '../../infra/local/embedded-postgres.js';
import { makeTestFolder, RUN_MARK, startTestKafka } from '../../infra/local/test-services.js';
import { startSystem, type TestSystem } from '../support/system.js';
import { describeMachine, peakMemoryMiB } from './machine.js';
import { measureRecording, type Recording } from './recording.js';
import { projectedPosition, reached, SYSTEM_EVENTS } from './system.js';
import { type BenchRow, perSecond, renderTable } from './table.js';
import { type Visible, visibleLatency } from './visible.js';

// `npm run bench [-- --reports 60000] [--ingest 1] [--recording] [--profile FOLDER]`: fresh broker, fresh database, fsync on, every part on
// this machine's cores. Of ingest as many processes run as asked for; they share the partitions. With a folder each process
// leaves its CPU profile there, which costs some speed. With `--recording` it ends after what recording costs.
const { values: options } = parseArgs({
  options: {
    reports: { type: 'string' },
    ingest: { type: 'string' },
    recording: { type: 'boolean' },
    profile: { type: 'string' },
  },
});
const REPORTS = Number(options.reports ?? 60_000);
const INGEST_PROCESSES = Number(options.ingest ?? 1);
const PROFILING = options.profile === undefined ? '' : `--cpu-prof --cpu-prof-dir=${path.resolve(options.profile)}`;
const VISIBLE_SECONDS = 15;

const run = promisify(execFile);
const say = (text: string): void => void process.stdout.write(`${text}\n`);

interface Side {
  events: number;
  seconds: number;
  peakMiB: number | null;
}

async function main(): Promise<void> {
  const folder = makeTestFolder();
  process.env[RUN_MARK] = folder;
  const postgres = await startPostgres({
    folder: path.join(folder, 'postgres'),
    logFile: path.join(folder, 'postgres.log'),
    shelter: path.join(folder, 'postgres-binaries'),
    settings: { max_connections: '200', shared_buffers: '1GB', max_wal_size: '8GB' },
  });
  const kafka = await startTestKafka(folder);
  try {
    const system = await startSystem({
      apps: [],
      adminUrl: postgres.url,
      brokers: kafka.brokers,
      env: { NODE_FLAGS: PROFILING },
    });
    try {
      const measured = await measure(system, kafka.pid);
      if (measured !== null) report(measured);
    } catch (error) {
      // What the processes said is in memory and gone with this one.
      for (const name of ['ingest', 'projector'] as const) say(`${name}:\n${lastWords(system, name)}`);
      throw error;
    } finally {
      await system.stop();
    }
  } finally {
    await kafka.stop();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function lastWords(system: TestSystem, name: 'ingest' | 'projector'): string {
  try {
    return system.app(name).logs().slice(-3_000);
  } catch {
    return 'not started';
  }
}

async function measure(system: TestSystem, brokerPid: number | null): Promise<Measured | null> {
  const { recording, apps: ingest } = await measureRecording(system, {
    reports: REPORTS,
    processes: INGEST_PROCESSES,
    brokerPid,
    say,
  });
  if (options.recording === true) return null;
  say('projector …');
  const projector = await system.start('projector');
  const startedAt = performance.now();
  const last = SYSTEM_EVENTS + REPORTS - 1;
  await reached(() => projectedPosition(system.pool), last, { timeoutMs: 600_000 });
  const projectRate = (REPORTS * 1000) / (performance.now() - startedAt);
  const pool = createPool(system.database.url);
  // Before the rebuild, and with nothing left to write of what came before: its work is no part of a delay.
  await pool.query('CHECKPOINT');
  const peak = Math.min(recording.reportsPerSecond, projectRate);
  say(`published → visible at ${Math.round(peak / 2)} reports/s …`);
  const visible = await visibleLatency(system.pool, {
    brokers: system.brokers,
    rate: peak / 2,
    seconds: VISIBLE_SECONDS,
    firstReport: REPORTS,
  });
  const { toRecorded, toFigures } = visible;
  say(
    `to the log p50 ${toRecorded.p50Ms} ms, p99 ${toRecorded.p99Ms} ms; from there into the figures p50 ${toFigures.p50Ms} ms, p99 ${toFigures.p99Ms} ms`,
  );
  say('rebuild, and only reading and parsing …');
  const readBefore = await child('read', system.database.url);
  const rebuilt = await child('rebuild', system.database.url);
  const readAfter = await child('read', system.database.url);
  // The faster one: autovacuum runs beside one of them.
  const read = readBefore.seconds < readAfter.seconds ? readBefore : readAfter;
  const machine = await describeMachine(pool);
  await pool.end();
  return {
    machine,
    reports: REPORTS,
    ingestProcesses: INGEST_PROCESSES,
    recording,
    projectRate,
    rebuilt,
    read,
    visible,
    memoryMiB: {
      ingest: largest(ingest.map(({ pid }) => peakMemoryMiB(pid))),
      projector: peakMemoryMiB(projector.pid),
      rebuild: rebuilt.peakMiB,
    },
  };
}

interface Measured {
  machine: Record<string, string | number>;
  reports: number;
  ingestProcesses: number;
  recording: Recording;
  projectRate: number;
  rebuilt: Side;
  read: Side;
  visible: Visible;
  memoryMiB: Record<string, number | null>;
}

/** Of the processes of one app: the target is one for each of them. */
function largest(sizes: readonly (number | null)[]): number | null {
  return sizes.includes(null) ? null : Math.max(...sizes.map(Number));
}

async function child(task: 'rebuild' | 'read', databaseUrl: string): Promise<Side> {
  const file = path.join(repositoryRoot(), 'dist', 'test', 'bench', 'rebuild-child.js');
  const { stdout } = await run(process.execPath, [...PROFILING.split(' ').filter(Boolean), file, task, databaseUrl]);
  return JSON.parse(stdout) as Side;
}

function report(measured: Measured): void {
  const ceiling = Math.max(...measured.recording.ceilings.map(({ rowsPerSecond }) => rowsPerSecond));
  const rebuildRate = measured.rebuilt.events / measured.rebuilt.seconds;
  const readRate = measured.read.events / measured.read.seconds;
  const { visible } = measured;
  const rows: BenchRow[] = [
    compared('Kafka → durable in the log', {
      ours: measured.recording.reportsPerSecond,
      beside: ceiling,
      least: 0.25,
      unit: 'reports',
      name: 'plain batched INSERT of the same leaves',
    }),
    compared('rebuild of all read models', {
      ours: rebuildRate,
      beside: readRate,
      least: 0.35,
      unit: 'events',
      name: 'reading and parsing',
    }),
    {
      what: `published → visible at ${visible.reportsPerSecond} reports/s`,
      ours: `p50 ${visible.p50Ms} ms, p99 ${visible.p99Ms} ms`,
      beside: '',
      ratio: null,
      target: 'p99 ≤ 500 ms',
      met: visible.p99Ms <= 500,
    },
    ...Object.entries(measured.memoryMiB).map(([name, mib]) => ({
      what: `peak memory of ${name}`,
      ours: mib === null ? 'unknown' : `${mib} MiB`,
      beside: '',
      ratio: null,
      target: '≤ 300 MiB',
      met: mib !== null && mib <= 300,
    })),
  ];
  const machine = Object.entries(measured.machine)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
  say(
    `\n${renderTable(rows)}\n\n${REPORTS} reports, ${INGEST_PROCESSES} process(es) of ingest; live projection ${perSecond(measured.projectRate, 'events')}. ${machine}`,
  );
  const results = path.join(repositoryRoot(), '.local', 'bench');
  mkdirSync(results, { recursive: true });
  const file = path.join(results, `${new Date().toISOString().replaceAll(':', '-')}.json`);
  writeFileSync(file, `${JSON.stringify({ ...measured, rows }, null, 2)}\n`);
  say(`Raw figures: ${file}`);
}

function compared(
  what: string,
  { ours, beside, least, unit, name }: { ours: number; beside: number; least: number; unit: string; name: string },
): BenchRow {
  const ratio = ours / beside;
  return {
    what,
    ours: perSecond(ours, unit),
    beside: `${name}: ${perSecond(beside, unit)}`,
    ratio,
    target: `≥ ${least} ×`,
    met: ratio >= least,
  };
}

await main();
