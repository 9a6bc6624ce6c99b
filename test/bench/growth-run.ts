import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createPool, repositoryRoot } from '#app/runtime';
import { type RunningPostgres, startPostgres } from '../../infra/local/embedded-postgres.js';
import { makeTestFolder, RUN_MARK, startTestKafka } from '../../infra/local/test-services.js';
import { type AppendTurn, measureAppends } from './growth-append.js';
import { fill } from './growth-fill.js';
import { GrowthFolder, sizesOf } from './growth-folder.js';
import { measureReading, type ReadingTurn } from './growth-reading.js';
import { growthRows } from './growth-table.js';
import { GrownWorld } from './growth-world.js';
import { describeMachine } from './machine.js';
import { renderTable } from './table.js';

// `npm run bench -- --growth [--events 10000000] [--small 100000] [--rounds 3] [--reports 20000] [--keep FOLDER] [--fill] [--writers 3]`:
// what recording and current figures cost in a log of so many events beside a small one, on one PostgreSQL (fsync on), in turns. With
// a folder the two databases are kept and measured again by the same command; with `--fill` they are only made.
const { values: options } = parseArgs({
  options: {
    growth: { type: 'boolean' },
    events: { type: 'string', default: '10000000' },
    small: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '3' },
    reports: { type: 'string', default: '20000' },
    keep: { type: 'string' },
    fill: { type: 'boolean' },
    writers: { type: 'string', default: '3' },
  },
});
const EVENTS = { small: Number(options.small), large: Number(options.events) };
const ROUNDS = Number(options.rounds);
const say = (text: string): void => void process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);

const MEASURING = { max_connections: '200', shared_buffers: '1GB', max_wal_size: '8GB' };
/** A fill that is cut off is made anew, so it need not survive the machine. */
const FILLING = { ...MEASURING, fsync: 'off', full_page_writes: 'off', max_wal_size: '2GB' };

async function main(): Promise<void> {
  const own = makeTestFolder();
  process.env[RUN_MARK] = own;
  const folder = new GrowthFolder(path.resolve(options.keep ?? path.join(own, 'grown')));
  // PostgreSQL's own account has to get in.
  chmodSync(folder.folder, 0o755);
  try {
    await withPostgres(folder, FILLING, async ({ url }) => {
      const writers = Number(options.writers);
      for (const name of ['small', 'large'] as const)
        await fill(url, { folder, name, events: EVENTS[name], writers, say });
    });
    if (options.fill !== true) {
      await withPostgres(folder, MEASURING, ({ url }) => measure(url, { folder, own }));
    }
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

async function withPostgres(
  { folder, postgres }: GrowthFolder,
  settings: Record<string, string>,
  work: (running: RunningPostgres) => Promise<void>,
): Promise<void> {
  const running = await startPostgres({
    folder: postgres,
    logFile: path.join(folder, 'postgres.log'),
    shelter: path.join(folder, 'postgres-binaries'),
    settings,
  });
  try {
    await work(running);
  } finally {
    await running.stop();
  }
}

async function measure(server: string, { folder, own }: { folder: GrowthFolder; own: string }): Promise<void> {
  const load = [loadavg()[0]];
  const worlds = { small: new GrownWorld(EVENTS.small), large: new GrownWorld(EVENTS.large) };
  // First, as long as the read models are all that is in the way: recording moves much else into the cache.
  const readings = await measureReading({ server, worlds, rounds: ROUNDS, say });
  const kafka = await startTestKafka(own);
  let appends: AppendTurn[];
  try {
    const reports = Number(options.reports);
    appends = await measureAppends({ server, folder, kafka, rounds: ROUNDS, reports, say });
  } finally {
    await kafka.stop();
  }
  load.push(loadavg()[0]);
  await tell(server, { appends, readings, load, grown: folder.read() });
}

interface Told {
  appends: AppendTurn[];
  readings: ReadingTurn[];
  /** Of the machine, at the beginning and at the end. */
  load: (number | undefined)[];
  grown: ReturnType<GrowthFolder['read']>;
}

async function tell(server: string, told: Told): Promise<void> {
  const rows = growthRows(told.appends, told.readings);
  const pool = createPool(server, { max: 1 });
  const machine = await describeMachine(pool);
  await pool.end();
  const MiB = { small: await sizesOf(server, 'small'), large: await sizesOf(server, 'large') };
  say(`\n${renderTable(rows, [`${EVENTS.large} events`, `${EVENTS.small} events`])}\n\n${JSON.stringify(machine)}`);
  const results = path.join(repositoryRoot(), '.local', 'bench');
  mkdirSync(results, { recursive: true });
  const file = path.join(results, `growth-${new Date().toISOString().replaceAll(':', '-')}.json`);
  writeFileSync(file, `${JSON.stringify({ machine, ...told, MiB, rows }, null, 2)}\n`);
  say(`Raw figures: ${file}`);
}

await main();
