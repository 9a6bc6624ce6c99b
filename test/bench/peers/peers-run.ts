import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createPool, repositoryRoot } from '#app/runtime';
import { startPostgres } from '../../../infra/local/embedded-postgres.js';
import { makeTestFolder, RUN_MARK, startTestKafka } from '../../../infra/local/test-services.js';
import { freshDatabase } from '../../support/database.js';
import { produce } from '../../support/kafka.js';
import { startSystem } from '../../support/system.js';
import { describeMachine } from '../machine.js';
import { publishedReports } from '../reports.js';
import { timeIngest } from '../recording.js';
import { type Followed, startFollower, writeAlone } from './children.js';
import { storedInLog } from './ours.js';
import type { Peer, Setting, Stored } from './peer.js';
import { PEERS } from './peers.js';
import { type Measured, peersTable } from './peers-table.js';

// `npm run bench -- --peers [--reports 20000] [--events 10000] [--probe 2000] [--rounds 1]`: the same reports through Kafka into
// our log, and as events into other stores on the same PostgreSQL (fsync on), in turns. Each store is first tried at several
// settings with `--probe` events; the fastest one counts. Who writes and who follows are processes of their own.
const { values: options } = parseArgs({
  options: {
    peers: { type: 'boolean' },
    reports: { type: 'string', default: '20000' },
    events: { type: 'string', default: '10000' },
    probe: { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '1' },
  },
});
const [REPORTS, EVENTS, PROBE, ROUNDS] = [options.reports, options.events, options.probe, options.rounds].map(
  Number,
) as [number, number, number, number];
const say = (text: string): void => void process.stdout.write(`${text}\n`);

interface Services {
  postgresUrl: string;
  brokers: string;
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
    await report(await measure({ postgresUrl: postgres.url, brokers: kafka.brokers }), postgres.url);
  } finally {
    await kafka.stop();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(services: Services): Promise<Measured[]> {
  const best = new Map<Peer, Setting>();
  for (const peer of PEERS) best.set(peer, await bestOf(peer, services));
  const measured: Measured[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    measured.push(await ours(services));
    for (const [peer, setting] of best) measured.push(await theirs(peer, setting, services));
  }
  return measured;
}

async function bestOf(peer: Peer, { postgresUrl }: Services): Promise<Setting> {
  const database = await freshDatabase(postgresUrl);
  let fastest: { setting: Setting; rate: number } | null = null;
  try {
    await peer.prepare(database.url);
    for (const [index, setting] of peer.settings.entries()) {
      const { seconds } = await writeAlone(peer.name, database.url, { from: index * PROBE, count: PROBE, ...setting });
      const rate = PROBE / seconds;
      say(`${peer.name}, ${setting.concurrency} at once, ${setting.batch} an append: ${Math.round(rate)} events/s`);
      if (fastest === null || rate > fastest.rate) fastest = { setting, rate };
    }
  } finally {
    await database.drop();
  }
  if (fastest === null) throw new Error(`${peer.name} has no setting`);
  return fastest.setting;
}

async function theirs(peer: Peer, setting: Setting, { postgresUrl }: Services): Promise<Measured> {
  const database = await freshDatabase(postgresUrl);
  try {
    await peer.prepare(database.url);
    const follower = await startFollower(peer.name, database.url, EVENTS);
    const { seconds } = await writeAlone(peer.name, database.url, { from: 0, count: EVENTS, ...setting });
    const followed = await follower.done;
    const store = `${peer.name} ${peer.version}`;
    const at = `${setting.concurrency} at once, ${setting.batch} an append`;
    return told({ store, at, events: EVENTS, seconds, followed, stored: await peer.stored(database.url) });
  } finally {
    await database.drop();
  }
}

/** From Kafka to durable in the log, with all that ingest does: checked, sealed, deduplicated, dense positions. */
async function ours({ postgresUrl, brokers }: Services): Promise<Measured> {
  const system = await startSystem({ apps: [], adminUrl: postgresUrl, brokers });
  try {
    for (const messages of publishedReports(0, REPORTS)) await produce(messages, brokers);
    const follower = await startFollower('ours', system.database.url, REPORTS);
    const { seconds } = await timeIngest(system, {
      apps: [await system.start('ingest')],
      brokerPid: null,
      reports: REPORTS,
    });
    const followed = await follower.done;
    const stored = await storedInLog(system.database.url);
    return told({
      store: 'Conflict Ledger',
      at: 'one ingest, through Kafka',
      events: REPORTS,
      seconds,
      followed,
      stored,
    });
  } finally {
    await system.stop();
  }
}

interface Outcome {
  store: string;
  at: string;
  events: number;
  seconds: number;
  followed: Followed;
  stored: Stored;
}

function told({ store, at, events, seconds, followed, stored }: Outcome): Measured {
  const measured: Measured = {
    store,
    at,
    events,
    eventsPerSecond: Math.round(events / seconds),
    stored: { lost: events - stored.ids, doubled: stored.events - stored.ids },
    read: followed === null ? null : { lost: stored.ids - followed.ids, doubled: followed.seen - followed.ids },
  };
  say(`${store}: ${measured.eventsPerSecond} events/s`);
  return measured;
}

async function report(measured: readonly Measured[], postgresUrl: string): Promise<void> {
  const pool = createPool(postgresUrl);
  const machine = await describeMachine(pool);
  await pool.end();
  const described = Object.entries(machine).map(([name, value]) => `${name} ${value}`);
  say(`\n${peersTable(measured)}\n\n${described.join(', ')}`);
  const results = path.join(repositoryRoot(), '.local', 'bench');
  mkdirSync(results, { recursive: true });
  const file = path.join(results, `peers-${new Date().toISOString().replaceAll(':', '-')}.json`);
  writeFileSync(file, `${JSON.stringify({ machine, measured }, null, 2)}\n`);
  say(`Raw figures: ${file}`);
}

await main();
