import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { migrate, migrationFiles, repositoryRoot } from '#app/runtime';
import pg from 'pg';
import { dumpSchema } from '../../infra/postgres/dump-schema.js';
import { emptyDatabase, freshDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { recordedReports, untilIngested } from '../support/ingest-facts.js';
import { report } from '../support/ingest-messages.js';
import { produce } from '../support/kafka.js';
import { type AppName, startApp, systemEnvironment } from '../support/processes.js';
import { runFolder } from '../support/run-folder.js';
import { startSystem, type TestSystem } from '../support/system.js';

jest.setTimeout(180_000);

const NAMES = migrationFiles().map(({ name }) => name);
const LAST = NAMES.at(-1) ?? '';
const APPS: readonly AppName[] = ['ingest', 'projector', 'notary', 'relay', 'query-api', 'audit-api'];

describe('a migration', () => {
  async function withDatabase(database: TestDatabase, work: (client: pg.Client) => Promise<void>): Promise<void> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      await work(client);
    } finally {
      await client.end();
      await database.drop();
    }
  }

  const appliedTo = async (client: pg.Client): Promise<string[]> =>
    (
      await client
        .query<{ migration: string }>('SELECT migration FROM public.ledger_schema ORDER BY 1')
        .catch(() => ({ rows: [] }))
    ).rows.map(({ migration }) => migration);

  function migrateAsProcess(url: string): { done: Promise<number | null>; kill: () => void } {
    const child = spawn(process.execPath, [path.join(repositoryRoot(), 'dist', 'infra', 'migrate.js')], {
      env: { ...process.env, DATABASE_URL: url },
      stdio: 'ignore',
    });
    return { done: new Promise((resolve) => child.once('close', resolve)), kill: () => child.kill('SIGKILL') };
  }

  async function schemaOfThisVersion(): Promise<string> {
    let schema = '';
    await withDatabase(await freshDatabase(), async (client) => {
      schema = await dumpSchema(client);
    });
    return schema;
  }

  it('that is killed half-way is finished by the next run', async () => {
    await withDatabase(await emptyDatabase(), async (client) => {
      for (const count of [1, Math.floor(NAMES.length / 2), NAMES.length - 1]) {
        const { done, kill } = migrateAsProcess(urlOf(client));
        await eventually('some are applied', async () => (await appliedTo(client)).length >= count, { everyMs: 1 });
        kill();
        await done;
      }
      expect(await migrateAsProcess(urlOf(client)).done).toBe(0);
      expect(await appliedTo(client)).toEqual(NAMES);
      expect(await dumpSchema(client)).toBe(await schemaOfThisVersion());
    });
  });

  it('is applied once by processes that start together', async () => {
    await withDatabase(await emptyDatabase(), async (client) => {
      const runs = [1, 2, 3].map(() => migrateAsProcess(urlOf(client)).done);
      expect(await Promise.all(runs)).toEqual([0, 0, 0]);
      expect(await appliedTo(client)).toEqual(NAMES);
    });
  });

  it('that is missing keeps every app from starting, with a sentence', async () => {
    await withDatabase(await emptyDatabase(), async (client) => {
      await migrate(urlOf(client), { only: new Set(NAMES.slice(0, -1)) });
      const env = systemEnvironment({ databaseUrl: urlOf(client), brokers: '127.0.0.1:1' });
      for (const name of APPS) {
        const app = await startApp(name, env);
        expect([name, await app.exited, app.logs()]).toEqual([
          name,
          1,
          expect.stringMatching(new RegExp(`SCHEMA_BEHIND.*run the migrations.*${LAST}`)),
        ]);
      }
      expect(await migrate(urlOf(client))).toEqual([LAST]);
    });
  });

  describe('of the next version, applied while this one is at work', () => {
    let system: TestSystem;
    let folder: string;
    let sent = 0;
    beforeAll(async () => {
      system = await startSystem({ apps: ['ingest', 'projector', 'query-api'] });
      folder = mkdtempSync(path.join(runFolder(), 'migrations-'));
    }, 90_000);
    afterAll(() => system?.stop(), 60_000);

    const next = (name: string, sql: string): void => writeFileSync(path.join(folder, `${name}.sql`), sql);
    const ready = async (name: AppName): Promise<{ status: number; text: string }> => {
      const answer = await fetch(`${system.app(name).url}/health/ready`);
      return { status: answer.status, text: await answer.text() };
    };

    function keepSending(): () => Promise<void> {
      const stopping = new AbortController();
      const load = (async () => {
        while (!stopping.signal.aborted) {
          await produce(
            Array.from({ length: 20 }, () => report({ reportId: `r-${sent++}` })),
            system.brokers,
          );
          await sleep(20);
        }
      })();
      return async () => {
        stopping.abort();
        await load;
      };
    }

    it('waits for its locks without holding up anybody, and nothing is lost or refused', async () => {
      next(
        '9001_expand',
        '-- breaking: no, because it only adds\nALTER TABLE ledger.kafka_cursor ADD COLUMN note text;\n',
      );
      next(
        '9002_index',
        '-- breaking: no, because it only adds\n-- transaction: none\nDROP INDEX CONCURRENTLY IF EXISTS ledger.delivery_by_position;\nCREATE INDEX CONCURRENTLY delivery_by_position ON ledger.delivery (position);\n',
      );
      const stop = keepSending();
      // A report of somebody's that reads for long: the migration cannot have its lock, and all others would wait behind it.
      const reader = await system.pool.connect();
      await reader.query('BEGIN');
      await reader.query('SELECT FROM ledger.kafka_cursor');
      const retries: string[] = [];
      const applied = migrate(system.database.url, { folder, onRetry: (reason) => retries.push(reason) });
      await eventually('it has given way', () => retries.length > 0);
      const headThen = await head();
      await eventually('ingest went on meanwhile', async () => (await head()) > headThen + 20);
      expect(await system.pool.query("SELECT to_regclass('ledger.delivery_by_position') AS i")).toMatchObject({
        rows: [{ i: null }],
      });
      await reader.query('COMMIT');
      reader.release();
      expect(await applied).toEqual(['9001_expand', '9002_index']);
      await stop();
      await untilIngested(system.pool, system.brokers, system.env['LEDGER_CONSUMER_GROUP'] ?? '');
      expect(await recordedReports(system.pool)).toEqual(Array.from({ length: sent }, (_, n) => `r-${n}`).toSorted());
      for (const app of ['ingest', 'projector', 'query-api'] as const) {
        expect(await ready(app)).toEqual({ status: 200, text: expect.stringContaining('9001_expand') });
      }
    });

    it('has this version say that it cannot go on, and not start, when it is breaking', async () => {
      next(
        '9003_contract',
        '-- breaking: yes, because nobody of the version before is left\nCREATE TABLE ledger.stands_for_a_drop (x int);\n',
      );
      await migrate(system.database.url, { folder });
      for (const app of ['ingest', 'projector', 'query-api'] as const) {
        expect(await ready(app)).toEqual({ status: 503, text: expect.stringContaining('SCHEMA_AHEAD') });
      }
      const app = await system.start('projector');
      expect(await app.exited).toBe(1);
      expect(app.logs()).toMatch(/SCHEMA_AHEAD.*start the new version.*9003_contract/);
    });

    async function head(): Promise<number> {
      const { rows } = await system.pool.query<{ head: string }>('SELECT next_position AS head FROM ledger.head');
      return Number(rows[0]?.head ?? 0);
    }
  });
});

function urlOf({ user, password, host, port, database }: pg.Client): string {
  return `postgres://${user}:${password}@${host}:${port}/${database}`;
}
