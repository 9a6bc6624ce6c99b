import { chmodSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type RunningPostgres, startPostgres } from '../../infra/local/embedded-postgres.js';
import { makeTestFolder, RUN_MARK } from '../../infra/local/test-services.js';
import { fill, GrowthFolder } from './growth-fill.js';

// `npm run bench -- --growth [--events 10000000] [--small 100000] [--keep FOLDER] [--fill]`
const { values: options } = parseArgs({
  options: {
    growth: { type: 'boolean' },
    events: { type: 'string', default: '10000000' },
    small: { type: 'string', default: '100000' },
    keep: { type: 'string' },
    fill: { type: 'boolean' },
  },
});
const say = (text: string): void => void process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);

async function main(): Promise<void> {
  const own = makeTestFolder();
  process.env[RUN_MARK] = own;
  const folder = new GrowthFolder(path.resolve(options.keep ?? path.join(own, 'grown')));
  chmodSync(folder.folder, 0o755);
  try {
    await withPostgres(folder, FILLING, async ({ url }) => {
      await fill(url, { folder, name: 'small', events: Number(options.small), say });
      await fill(url, { folder, name: 'large', events: Number(options.events), say });
    });
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

const MEASURING = { max_connections: '200', shared_buffers: '1GB', max_wal_size: '8GB' };
/** A fill that is cut off is made anew, so it need not survive the machine. */
const FILLING = { ...MEASURING, fsync: 'off', full_page_writes: 'off', max_wal_size: '2GB' };

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

await main();
