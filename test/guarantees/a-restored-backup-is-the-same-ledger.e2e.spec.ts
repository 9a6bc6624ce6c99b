import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MasterKey, openSealedOf } from '#app/log';
import { createPool } from '#app/runtime';
import pg from 'pg';
import { dumpSchema } from '../../infra/postgres/dump-schema.js';
import { emptyDatabase, type TestDatabase } from '../support/database.js';
import { type Dedicated, startDedicatedPostgres } from '../support/dedicated.js';
import { eventually } from '../support/eventually.js';
import { eventsOf, recordedReports, untilIngested } from '../support/ingest-facts.js';
import { decision, PUBLISHER, report } from '../support/ingest-messages.js';
import { produce } from '../support/kafka.js';
import { type Finished, ledger } from '../support/ledger-cli.js';
import { type App, type AppName, startApp } from '../support/processes.js';
import { runFolder } from '../support/run-folder.js';
import { startSystem, type TestSystem } from '../support/system.js';

// Apps, a PostgreSQL of its own and the command line are processes, and both cores may be busy.
jest.setTimeout(240_000);

const FIRST = 400;
const PAIRS = 20;
const FIGURES = '/v1/casualties?region=IQ&groupBy=publisher,incidentType';

describe('a backup that was taken while reports were recorded', () => {
  let system: TestSystem;
  let folder: string;
  let sent = 0;
  const inFolder = (name: string): string => path.join(folder, name);
  const group = (): string => system.env['LEDGER_CONSUMER_GROUP'] ?? '';
  const masterKey = (): MasterKey => MasterKey.fromFile(system.env['LEDGER_MASTER_KEY_FILE'] ?? '');

  beforeAll(async () => {
    system = await startSystem({ apps: ['ingest', 'projector', 'notary', 'query-api'] });
    folder = mkdtempSync(path.join(runFolder(), 'backup-'));
    await send(FIRST);
    await untilIngested(system.pool, system.brokers, group());
    const incident = (n: number): object => ({ source: PUBLISHER, ref: `incident-${n}` });
    const merges = Array.from({ length: PAIRS }, (_, n) =>
      decision({ kind: 'MERGE', survivor: incident(2 * n + 50), absorbed: [incident(2 * n + 51)] }),
    );
    await produce([...merges, { ...report({ id: 'bad' }), value: '{' }, erasure(1)], system.brokers);
    await untilIngested(system.pool, system.brokers, group());
    await published();
  }, 120_000);
  afterAll(() => system?.stop(), 60_000);

  async function send(count: number): Promise<void> {
    const messages = Array.from({ length: count }, () => {
      sent += 1;
      const data = { summary: `summary ${sent}`, source: { name: `witness ${sent % 7}`, kind: 'WITNESS' } };
      return report({ id: `m-${sent}`, reportId: `r-${sent}`, ref: `incident-${sent}`, killed: sent % 9, data });
    });
    await produce(messages, system.brokers);
  }

  function erasure(n: number): ReturnType<typeof decision> {
    return decision({
      kind: 'ERASE',
      reportId: `r-${n}`,
      source: PUBLISHER,
      paths: ['/summary'],
      authority: 'a request',
    });
  }

  /** The checkpoint covers the whole log. */
  async function published(): Promise<void> {
    await eventually('all is published', async () => {
      const { rows } = await system.pool.query<{ all: boolean }>(
        `SELECT h.next_position = (SELECT max(size) FROM notary.checkpoint WHERE published_at IS NOT NULL) AS all FROM ledger.head h`,
      );
      return rows[0]?.all === true;
    });
  }

  function restore(url: string, args: string[], tiles: string, begun?: (kill: () => void) => void): Promise<Finished> {
    const env = { ...system.env, DATABASE_URL: url, LEDGER_TILES_DIR: tiles };
    return ledger(['--json', 'restore', ...args], env, begun);
  }

  it('is whole, and a damaged one, an unfinished one or a database in use are refused', async () => {
    const stopping = new AbortController();
    const load = (async () => {
      while (!stopping.signal.aborted) await send(25).then(() => sleep(20));
    })();
    const before = await headOf(system.pool);
    const taken = await ledger(['--json', 'backup', inFolder('a'), '--vault', inFolder('a-vault')], system.env);
    await eventually('reports went on', async () => (await headOf(system.pool)) > before + 50);
    stopping.abort();
    await load;
    expect([taken.code, taken.stderr]).toEqual([0, expect.not.stringContaining('Error')]);
    const { manifest } = JSON.parse(taken.stdout) as {
      manifest: { position: number; checkpoint: { size: number }; tables: { table: string; rows: number }[] };
    };
    expect(manifest.position).toBeGreaterThanOrEqual(before);
    expect(manifest.checkpoint.size).toBeLessThanOrEqual(manifest.position + 1);
    expect(manifest.tables).toContainEqual(
      expect.objectContaining({ table: 'ledger.event', rows: manifest.position + 1 }),
    );

    // Neither the keys of the vault nor those of the files are in it.
    const { rows } = await system.pool.query<{ wrapped: Buffer }>('SELECT wrapped FROM vault.key LIMIT 20');
    const bytes = filesBelow(inFolder('a')).map((file) => readFileSync(file));
    for (const { wrapped } of rows) expect(bytes.some((one) => one.includes(wrapped))).toBe(false);
    for (const name of ['LEDGER_MASTER_KEY_FILE', 'LEDGER_SIGNING_KEY_FILE']) {
      const key = readFileSync(system.env[name] ?? '', 'utf8').trim();
      for (const file of [...filesBelow(inFolder('a')), ...filesBelow(inFolder('a-vault'))]) {
        expect(readFileSync(file).includes(key)).toBe(false);
      }
    }
    for (const args of [[inFolder('a')], [inFolder('b'), '--vault', inFolder('b/vault')]]) {
      expect((await ledger(['backup', ...args], system.env)).code).toBe(2);
    }

    const target = await emptyDatabase();
    const refused = async (damage: (copy: string) => void): Promise<[number | null, string]> => {
      const copy = mkdtempSync(inFolder('damaged-'));
      cpSync(inFolder('a'), copy, { recursive: true });
      damage(copy);
      const { code, stderr } = await restore(target.url, [copy], inFolder('none'));
      return [code, stderr.split('\n').findLast((line) => line.startsWith('ledger:')) ?? ''];
    };
    const flip = (file: string) => (copy: string) => {
      const bytesOf = readFileSync(path.join(copy, file));
      bytesOf[bytesOf.length >> 1] = (bytesOf[bytesOf.length >> 1] ?? 0) ^ 1;
      writeFileSync(path.join(copy, file), bytesOf);
    };
    for (const file of ['tables/ledger.event.copy.gz', 'tiles/tile/0/000', 'tiles/checkpoint', 'manifest.json']) {
      expect(await refused(flip(file))).toEqual([
        1,
        expect.stringContaining(`damaged: ${file} is not what was written`),
      ]);
    }
    const sealed = 'tables/ledger.sealed.copy.gz';
    expect(await refused((copy) => rmSync(path.join(copy, sealed)))).toEqual([
      1,
      expect.stringContaining(`damaged: ${sealed} is missing`),
    ]);
    expect(await refused((copy) => rmSync(path.join(copy, 'SHA256SUMS')))).toEqual([
      2,
      expect.stringContaining('no finished backup'),
    ]);
    expect(await refused((copy) => appendFileSync(path.join(copy, 'SHA256SUMS'), `${'0'.repeat(64)}  ../x\n`))).toEqual(
      [1, expect.stringContaining('SHA256SUMS cannot be read')],
    );
    const strange = 'tiles/tile/0/x001/234';
    const plant = (copy: string): void => {
      mkdirSync(path.join(copy, path.dirname(strange)), { recursive: true });
      writeFileSync(path.join(copy, strange), 'planted');
    };
    expect(await refused(plant)).toEqual([1, expect.stringContaining(`damaged: ${strange} is not in SHA256SUMS`)]);
    // A vault is none of these, and the database that is in use none to restore into.
    expect((await restore(target.url, [inFolder('a-vault')], inFolder('none'))).code).toBe(2);
    const inUse = await restore(system.database.url, [inFolder('a')], inFolder('none'));
    expect([inUse.code, inUse.stderr]).toEqual([2, expect.stringMatching(/not empty.*nothing was restored/)]);
    expect(await tablesIn(target)).toBe(0);
    await target.drop();
  });

  it('holds what was erased after its vault was saved no longer, even when it was killed before it came to that', async () => {
    await untilIngested(system.pool, system.brokers, group());
    await produce([erasure(2)], system.brokers);
    await untilIngested(system.pool, system.brokers, group());
    await published();
    const taken = await ledger(['backup', inFolder('later')], system.env);
    expect(taken.code).toBe(0);
    const target = await emptyDatabase();
    const tiles = inFolder('later-tiles');
    const args = [inFolder('later'), '--vault', inFolder('a-vault')];
    // Killed with all rows loaded and nothing erased again: whoever writes secrets holds this lock.
    const holder = new pg.Client({ connectionString: target.url });
    await holder.connect();
    await holder.query("SELECT pg_advisory_lock(hashtext('vault.secret'))");
    let kill = (): void => undefined;
    const killed = restore(target.url, args, tiles, (how) => (kill = how));
    const waiting = `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
    const isWaiting = async (): Promise<boolean> => (await holder.query(waiting)).rows.length > 0;
    await eventually('it comes to what was erased', isWaiting, { timeoutMs: 120_000 });
    kill();
    expect((await killed).code).toBeNull();
    await holder.end();
    expect(await summaries(target.url, [1, 2])).toEqual([undefined, 'summary 2']);
    const other = await restore(target.url, [inFolder('a'), '--vault', inFolder('a-vault')], tiles);
    expect([other.code, other.stderr]).toEqual([
      2,
      expect.stringMatching(/a restore of the backup of .* was interrupted/),
    ]);
    // And killed at its very end, while somebody looks at what marks it as interrupted: what is next was told by then.
    const keeper = new pg.Client({ connectionString: target.url });
    await keeper.connect();
    await keeper.query('BEGIN; SELECT FROM public.ledger_restore');
    const ended = restore(target.url, args, tiles, (how) => (kill = how));
    const dropping = `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = 'public.ledger_restore'::regclass AND NOT granted`;
    const isDropping = async (): Promise<boolean> => {
      const waits = (await keeper.query(dropping.replace('pg_terminate_backend(pid)', ''))).rows.length > 0;
      if (waits) kill();
      return waits;
    };
    await eventually('it comes to its end', isDropping, { timeoutMs: 120_000 });
    const { code: noCode, stdout: toldBefore } = await ended;
    // PostgreSQL would go on waiting for whoever is gone, and drop it in the end.
    await keeper.query(dropping);
    await keeper.end();
    expect([noCode, JSON.parse(toldBefore)]).toEqual([
      null,
      expect.objectContaining({
        erasedAgain: expect.objectContaining({ erasures: 2, events: 1 }),
        next: expect.arrayContaining([expect.stringContaining('ledger rebuild')]),
      }),
    ]);
    const done = await restore(target.url, args, tiles);
    expect([done.code, done.stderr]).toEqual([0, expect.not.stringContaining('Error')]);
    const told = JSON.parse(done.stdout) as { verified: boolean; erasedAgain: object; position: number };
    expect(told).toMatchObject({
      verified: true,
      erasedAgain: { erasures: 2, events: 0 },
      position: await headOf(system.pool),
    });
    expect(await summaries(target.url, [1, 2, 3])).toEqual([undefined, undefined, 'summary 3']);
    expect((await restore(target.url, args, tiles)).code).toBe(2);
    await target.drop();
  });

  it('is one that its notary goes on with, also when it was taken between signing and publishing', async () => {
    await system.app('notary').stop();
    await send(25);
    await untilIngested(system.pool, system.brokers, group());
    const killed = await system.start('notary', { LEDGER_CRASH_AT: 'after-row' });
    await killed.exited;
    expect(await signedBeyondPublished(system.pool)).toBeGreaterThan(0);
    const taken = await ledger(['backup', inFolder('between'), '--vault', inFolder('between-vault')], system.env);
    expect([taken.code, taken.stderr]).toEqual([0, expect.not.stringContaining('Error')]);
    const target = await emptyDatabase();
    const tiles = inFolder('between-tiles');
    const done = await restore(target.url, [inFolder('between'), '--vault', inFolder('between-vault')], tiles);
    expect([done.code, done.stderr]).toEqual([0, expect.not.stringContaining('Error')]);
    const notary = await startApp('notary', { ...system.env, DATABASE_URL: target.url, LEDGER_TILES_DIR: tiles });
    const targetPool = createPool(target.url, { max: 1 });
    await eventually('what was signed is published', async () => (await signedBeyondPublished(targetPool)) === 0);
    await notary.stop();
    await targetPool.end();
    await target.drop();
    await (await system.start('notary')).waitReady(60_000);
  });

  describe('restored on a server that has never seen a ledger', () => {
    let server: Dedicated;
    let pool: pg.Pool;
    const apps: App[] = [];
    const tiles = (): string => inFolder('restored-tiles');
    beforeAll(async () => {
      server = await startDedicatedPostgres({ fsync: 'off' });
      pool = createPool(server.address, { max: 2 });
      await Promise.all((['ingest', 'projector', 'notary'] as const).map((name) => system.app(name).stop()));
    }, 60_000);
    afterAll(async () => {
      await Promise.all(apps.map((app) => app.stop()));
      await pool?.end();
      await server?.stop();
    }, 60_000);

    async function start(name: AppName): Promise<App> {
      const app = await startApp(name, { ...system.env, DATABASE_URL: server.address, LEDGER_TILES_DIR: tiles() });
      apps.push(app);
      await app.waitReady(60_000);
      return app;
    }

    it('without its vault is not written on', async () => {
      const own = await emptyDatabase(server.address);
      const done = await restore(own.url, [inFolder('a'), '--no-tiles'], tiles());
      expect([done.code, done.stdout]).toEqual([0, expect.stringContaining('ingest refuses to record')]);
      const app = await startApp('ingest', { ...system.env, DATABASE_URL: own.url });
      expect(await app.exited).toBe(1);
      expect(app.logs()).toContain('restored without its vault');
      await own.drop();
    });

    it('is verified against what was published, with the rights of every role', async () => {
      const done = await restore(server.address, [inFolder('a'), '--vault', inFolder('a-vault')], tiles());
      expect([done.code, done.stderr]).toEqual([0, expect.not.stringContaining('Error')]);
      const told = JSON.parse(done.stdout) as { checks: { name: string; ok: boolean }[]; next: string[] };
      expect(told.checks.map(({ name, ok }) => [name, ok])).toEqual(
        ['checkpoint', 'witnesses', 'tree', 'leaves', 'database', 'columns', 'streams', 'committed'].map((name) => [
          name,
          true,
        ]),
      );
      expect(told.next.join('\n')).toContain('ledger rebuild');
      expect(withoutGenerations(await schemaOf(server.address))).toEqual(
        withoutGenerations(await schemaOf(system.database.url)),
      );
    });

    it('gives the same figures after a rebuild, with what was erased still gone', async () => {
      const rebuilt = await ledger(['rebuild'], {
        ...system.env,
        DATABASE_URL: server.address,
      });
      expect([rebuilt.code, rebuilt.stderr]).toEqual([0, expect.not.stringContaining('Error')]);
      const asOf = `asOf=${await headOf(pool)}`;
      await start('projector');
      const api = await start('query-api');
      for (const query of [`${FIGURES}&${asOf}`, `${FIGURES}&estimator=max&${asOf}`]) {
        const [was, is] = await Promise.all([system.app('query-api').url, api.url].map((url) => dataOf(url + query)));
        expect(is).toEqual(was);
      }
      expect(await summaries(server.address, [1, 3])).toEqual([undefined, 'summary 3']);
    });

    it('goes on from Kafka: every message once, none lost', async () => {
      await start('notary');
      await start('ingest');
      await send(50);
      await untilIngested(pool, system.brokers, group());
      const ids = Array.from({ length: sent }, (_, n) => `r-${n + 1}`).toSorted();
      expect(await recordedReports(pool)).toEqual(ids);
      const { rows } = await pool.query<{ merges: number; erasures: number; rejections: number }>(`
        SELECT count(*) FILTER (WHERE type = 'IncidentsMerged')::int AS merges,
               count(*) FILTER (WHERE type = 'PersonalDataErased')::int AS erasures,
               count(*) FILTER (WHERE type = 'ReportRejected')::int AS rejections FROM ledger.event`);
      expect(rows).toEqual([{ merges: PAIRS, erasures: 2, rejections: 1 }]);
      expect(await summaries(server.address, [1, 2, 3])).toEqual([undefined, undefined, 'summary 3']);
      await eventually('the notary has signed on', async () => {
        const { rows: signed } = await pool.query<{ all: boolean }>(
          `SELECT h.next_position = (SELECT max(size) FROM notary.checkpoint WHERE published_at IS NOT NULL) AS all FROM ledger.head h`,
        );
        return signed[0]?.all === true;
      });
      const args = ['verify', '--log', tiles(), '--database', '--key', inFolder('vkey')];
      writeFileSync(inFolder('vkey'), await vkeyOf(pool));
      expect((await ledger(args, { ...system.env, DATABASE_URL: server.address })).code).toBe(0);
    });

    it('says so when more was published than the backup holds', async () => {
      const target = await emptyDatabase();
      const done = await restore(
        target.url,
        [inFolder('a'), '--vault', inFolder('a-vault')],
        system.env['LEDGER_TILES_DIR'] ?? '',
      );
      expect([done.code, done.stdout]).toEqual([1, expect.stringContaining('LOG_BEHIND_CHECKPOINT')]);
      expect(JSON.parse(done.stdout)).toMatchObject({ verified: false, published: { isRestored: false } });
      await target.drop();
    });
  });

  /** Checkpoints that are signed and not yet published. */
  async function signedBeyondPublished(pool: pg.Pool): Promise<number> {
    const { rows } = await pool.query<{ many: number }>(
      'SELECT count(*)::int AS many FROM notary.checkpoint WHERE published_at IS NULL',
    );
    return rows[0]?.many ?? 0;
  }

  /** What can be read of the summaries of these reports. */
  async function summaries(url: string, numbers: number[]): Promise<unknown[]> {
    const readable = createPool(url, { role: 'ledger_query', max: 1 });
    const looking = createPool(url, { max: 1 });
    try {
      const events = await eventsOf(looking);
      const leaves = numbers.map((n) => {
        const { leaf } = events.find(({ reportId }) => reportId === `r-${n}`) ?? {};
        return { eventId: leaf?.id ?? '', sd: (leaf as unknown as { sd: Record<string, string> }).sd };
      });
      const opened = await openSealedOf(readable, masterKey(), leaves);
      return leaves.map(({ eventId }) => opened.get(eventId)?.values.get('/summary'));
    } finally {
      await Promise.all([readable.end(), looking.end()]);
    }
  }
});

async function headOf(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ head: string }>('SELECT next_position - 1 AS head FROM ledger.head');
  return Number(rows[0]?.head);
}

async function vkeyOf(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ vkeys: string }>('SELECT vkeys FROM notary.identity');
  return rows[0]?.vkeys ?? '';
}

async function tablesIn({ url }: TestDatabase): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
  );
  await client.end();
  return rows[0]?.n ?? -1;
}

async function schemaOf(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await dumpSchema(client);
  } finally {
    await client.end();
  }
}

/** A rebuild gives the tables of figures another number. */
function withoutGenerations(schema: string): string {
  return schema.replaceAll(/_\d+(?=[_ .:;(\n])/g, '_N');
}

async function dataOf(url: string): Promise<unknown> {
  const { data, total } = (await (await fetch(url)).json()) as { data: unknown; total: unknown };
  return { data, total };
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}
