import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createPool, repositoryRoot } from '#app/runtime';
import type { DataSource } from 'typeorm';
import { startPostgres } from '../../infra/local/embedded-postgres.js';
import { makeTestFolder, RUN_MARK } from '../../infra/local/test-services.js';
import { freshDatabase } from '../support/database.js';
import { describeMachine } from './machine.js';
import { CASES, PUBLISHED_UNTIL, type World } from './reading-cases.js';
import { IncidentMaker } from './reading-incidents.js';
import { type LoadedFigures, loadFigures } from './reading-load.js';
import { measureCase, readingConnection, type ReadingResult } from './reading-measure.js';
import { type Asked, type Measured, type TableSize, renderReading } from './reading-table.js';
import { seeded } from './reports.js';

// `npm run bench -- --reading [--incidents 1000000] [--countries 20,1] [--server URL | --keep FOLDER]`: how fast figures are read,
// in a fresh database that is filled with made incidents, once in 20 countries and once in one. Without a server a PostgreSQL of
// its own; in a folder that is kept, it is filled once and measured as often as asked for.
const { values: options } = parseArgs({
  options: {
    reading: { type: 'boolean' },
    incidents: { type: 'string', default: '1000000' },
    countries: { type: 'string', default: '20,1' },
    server: { type: 'string' },
    keep: { type: 'string' },
  },
});
const INCIDENTS = Number(options.incidents);
const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function main(): Promise<void> {
  if (options.server !== undefined) return measureAll(options.server);
  const folder = options.keep === undefined ? makeTestFolder() : keptFolder(options.keep);
  process.env[RUN_MARK] = folder;
  const postgres = await startPostgres({
    folder: path.join(folder, 'postgres'),
    logFile: path.join(folder, 'postgres.log'),
    shelter: path.join(folder, 'postgres-binaries'),
    settings: { shared_buffers: '1GB', max_wal_size: '8GB' },
  });
  try {
    await measureAll(postgres.url);
  } finally {
    await postgres.stop();
    if (options.keep === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

function keptFolder(given: string): string {
  const folder = path.resolve(given);
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755); // the account that PostgreSQL runs as goes through it
  return folder;
}

async function measureAll(server: string): Promise<void> {
  const pool = createPool(server);
  const machine = await describeMachine(pool);
  await pool.end();
  const measured: Measured[] = [];
  for (const countries of options.countries.split(',').map(Number)) {
    measured.push(await measureWorld(server, { incidents: INCIDENTS, countries }));
  }
  measured.push(await measurePublishedUntil(server));
  say(`\n${renderReading(measured)}\n\n${JSON.stringify(machine)}`);
  const results = path.join(repositoryRoot(), '.local', 'bench');
  mkdirSync(results, { recursive: true });
  const file = path.join(results, `reading-${new Date().toISOString().replaceAll(':', '-')}.json`);
  writeFileSync(file, `${JSON.stringify({ machine, measured }, null, 2)}\n`);
  say(`Raw figures: ${file}`);
}

interface Size {
  incidents: number;
  countries: number;
}

async function measureWorld(server: string, size: Size): Promise<Measured> {
  return withWorld(server, size, async (source, world, loaded) => {
    const asked: Asked[] = [];
    for (const reading of CASES) {
      const targetMs = size.countries > 1 ? reading.targetMs.many : reading.targetMs.one;
      asked.push({ ...told(await measureCase(source, reading, world)), targetMs, isClient: false });
    }
    return { ...size, loaded, asked, sizes: await sizesOf(source, loaded.generation) };
  });
}

/** Folded by the process that answers: its own time counts, not that of the database alone. */
async function measurePublishedUntil(server: string): Promise<Measured> {
  const { incidents, cases } = PUBLISHED_UNTIL;
  const size = { incidents: Math.min(incidents, INCIDENTS), countries: 20 };
  return withWorld(server, size, async (source, world, loaded) => {
    const asked: Asked[] = [];
    for (const { targetMs, ...reading } of cases) {
      asked.push({ ...told(await measureCase(source, reading, world)), targetMs, isClient: true });
    }
    return { ...size, loaded, asked, sizes: [] };
  });
}

function told(result: ReadingResult): ReadingResult {
  say(`${result.what}: p50 ${result.databaseMs.p50} ms, p99 ${result.databaseMs.p99} ms in the database`);
  return result;
}

async function withWorld<T>(
  server: string,
  { incidents, countries }: Size,
  work: (source: DataSource, world: World, loaded: LoadedFigures) => Promise<T>,
): Promise<T> {
  say(`${incidents} incidents in ${countries === 1 ? 'one country' : `${countries} countries`} …`);
  const { url, loaded, drop } = await filled(server, { incidents, countries });
  try {
    const source = await readingConnection(url);
    try {
      const world = { countries: new IncidentMaker(countries).countries, head: loaded.head, random: seeded(2_018) };
      return await work(source, world, loaded);
    } finally {
      await source.destroy();
    }
  } finally {
    await drop();
  }
}

interface Filled {
  url: string;
  loaded: LoadedFigures;
  drop: () => Promise<void>;
}

async function filled(server: string, size: Size): Promise<Filled> {
  const keep =
    options.keep === undefined ? null : path.resolve(options.keep, `${size.incidents}-${size.countries}.json`);
  if (keep !== null && existsSync(keep)) {
    const { database, loaded } = JSON.parse(readFileSync(keep, 'utf8')) as { database: string; loaded: LoadedFigures };
    return { url: Object.assign(new URL(server), { pathname: database }).href, loaded, drop: async () => {} };
  }
  const { url, drop } = await freshDatabase(server);
  try {
    const loaded = await loadFigures(url, { ...size, say });
    if (keep === null) return { url, loaded, drop };
    writeFileSync(keep, JSON.stringify({ database: new URL(url).pathname, loaded }));
    return { url, loaded, drop: async () => {} };
  } catch (error) {
    await drop();
    throw error;
  }
}

async function sizesOf(source: DataSource, generation: number): Promise<TableSize[]> {
  return source.query<TableSize[]>(
    `SELECT relname AS name, pg_relation_size(oid)::float8 / 1048576 AS "MiB"
       FROM pg_class WHERE relnamespace = 'read_model'::regnamespace AND relname ~ $1 AND relkind IN ('r', 'i')
      ORDER BY pg_relation_size(oid) DESC LIMIT 16`,
    [`_${generation}(_|$)`],
  );
}

await main();
