import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { createPool, repositoryRoot } from '#app/runtime';
import { createKeyFile, formatVerifierKey, readKeyFile } from '#app/transparency';
import type { Pool } from 'pg';
import { startPostgres } from '../../infra/local/embedded-postgres.js';
import { makeTestFolder, RUN_MARK } from '../../infra/local/test-services.js';
import { freshDatabase } from '../support/database.js';
import { LOG_OPTIONS } from '../support/log.js';
import { asOwner } from '../support/owner.js';
import { describeMachine } from './machine.js';
import { diskBytes } from './proof-disk.js';
import { EventWriter } from './proof-events.js';
import { coveredLatency } from './proof-steady.js';
import { measureProofs } from './proof-synthetic.js';
import { type Measured, type Pair, proofRows, ratioOf, type Side } from './proof-rows.js';
import { timeVerify } from './proof-verify.js';
import { renderTable } from './table.js';

// `npm run bench -- --proof [--events 200000] [--leaves 1000000]`: what it takes to publish the log and to check it. A
// database of its own (fsync on) is filled with events of usual shape and size; `--leaves` is the size of the made tree that
// single proofs are measured in.
const { values: options } = parseArgs({
  options: {
    proof: { type: 'boolean' },
    events: { type: 'string', default: '200000' },
    leaves: { type: 'string', default: '1000000' },
  },
});
const EVENTS = Number(options.events);
const LEAVES = Number(options.leaves);
const { origin: ORIGIN } = LOG_OPTIONS;
/** Each of both is run so often, beside each other; the median of their ratios counts. */
const PAIRS = 5;
const STEADY = { rate: 500, seconds: 20 };

const run = promisify(execFile);
const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function main(): Promise<void> {
  const folder = makeTestFolder();
  process.env[RUN_MARK] = folder;
  const postgres = await startPostgres({
    folder: path.join(folder, 'postgres'),
    logFile: path.join(folder, 'postgres.log'),
    shelter: path.join(folder, 'postgres-binaries'),
    settings: { shared_buffers: '1GB', max_wal_size: '8GB' },
  });
  try {
    const database = await freshDatabase(postgres.url);
    report(await measure(database.url, folder));
  } finally {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(url: string, folder: string): Promise<Measured> {
  const load = [loadOfMachine()];
  const pool = createPool(url);
  const writer = await EventWriter.start(url);
  try {
    say(`recording ${EVENTS} events …`);
    await writer.append(EVENTS, { isDurable: false });
    // As autovacuum would have done it by the time that a log is as long as this.
    await pool.query('VACUUM ANALYZE ledger.event, ledger.event_stream');
    const keyFile = path.join(folder, 'signing.key');
    createKeyFile(keyFile, { name: ORIGIN, kind: 'LOG' });
    const vkey = formatVerifierKey(readKeyFile(keyFile, { name: ORIGIN, kind: 'LOG' })[0].verifier);
    const { pairs, median, tiles } = await compare(pool, { url, keyFile, folder });
    const { notary } = median;
    load.push(loadOfMachine());
    say('ledger verify …');
    const trust = ['--log', tiles, '--key', vkey];
    const verify = await timeVerify(trust);
    const verifyDatabase = await timeVerify([...trust, '--database'], { DATABASE_URL: url });
    const disk = await diskBytes(pool, tiles, notary.leaves);
    say(`recorded → under a checkpoint, ${STEADY.rate} events/s for ${STEADY.seconds} s …`);
    const env = {
      DATABASE_URL: url,
      LEDGER_LOG_ORIGIN: ORIGIN,
      LEDGER_SIGNING_KEY_FILE: keyFile,
      LEDGER_TILES_DIR: tiles,
    };
    const covered = await coveredLatency({ pool, writer, env }, STEADY);
    say(`proofs in a tree of ${LEAVES} …`);
    const proofs = await measureProofs(LEAVES);
    load.push(loadOfMachine());
    return {
      machine: await describeMachine(pool),
      load,
      pairs,
      median,
      verify,
      verifyDatabase,
      disk,
      covered,
      proofs,
    };
  } finally {
    await writer.close();
    await pool.end();
  }
}

/**
 * The notary and hashing alone in turns, now the one first and now the other. Each time into a folder of its own, which stays
 * until the end: on a file system without a journal, ext4 looks at every inode that was freed in the last minutes before it
 * makes a file, and the notary would be charged for our deleting.
 *
 * @returns tiles: the last folder
 */
async function compare(
  pool: Pool,
  { url, keyFile, folder }: { url: string; keyFile: string; folder: string },
): Promise<{ pairs: Pair[]; median: Pair; tiles: string }> {
  const pairs: Pair[] = [];
  let tiles = '';
  for (let round = 1; round <= PAIRS; round += 1) {
    tiles = path.join(folder, `tiles-${round}`);
    mkdirSync(tiles);
    // With what was signed before in the database it would not sign, but write the folder anew.
    await asOwner(pool, async (tx) => void (await tx.query('DELETE FROM notary.checkpoint')));
    say(`hashing alone and the notary (${round} of ${PAIRS}) …`);
    const hash = (): Promise<Side> => child('hashing', [url]);
    const before = round % 2 === 1 ? await hash() : null;
    const notary = await child('notary', [url, tiles, keyFile]);
    pairs.push({ hashing: before ?? (await hash()), notary });
  }
  const sorted = pairs.toSorted((a, b) => ratioOf(a) - ratioOf(b));
  return { pairs, median: sorted[Math.floor(sorted.length / 2)] as Pair, tiles };
}

async function child(task: 'hashing' | 'notary', args: readonly string[]): Promise<Side> {
  const file = path.join(repositoryRoot(), 'dist', 'test', 'bench', 'proof-child.js');
  const { stdout } = await run(process.execPath, [file, task, ...args]);
  return JSON.parse(stdout) as Side;
}

/** Of the last minute: what else runs here counts too. */
function loadOfMachine(): number {
  return Math.round((loadavg()[0] ?? 0) * 10) / 10;
}

function report(measured: Measured): void {
  const rows = proofRows(measured);
  const { machine, load, disk, median } = measured;
  const { hashing, notary } = median;
  const described = Object.entries(machine).map(([name, value]) => `${name} ${value}`);
  say(
    `\n${renderTable(rows)}\n\n${notary.leaves} leaves of ${disk.leaf} bytes on average; notary ${notary.seconds.toFixed(1)} s, ` +
      `hashing ${hashing.seconds.toFixed(1)} s; load ${load.join(', ')}. ${described.join(', ')}`,
  );
  const results = path.join(repositoryRoot(), '.local', 'bench');
  mkdirSync(results, { recursive: true });
  const file = path.join(results, `proof-${new Date().toISOString().replaceAll(':', '-')}.json`);
  writeFileSync(file, `${JSON.stringify({ ...measured, rows }, null, 2)}\n`);
  say(`Raw figures: ${file}`);
}

await main();
