import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { fillDisk, freeDisk, mountSmallDisk } from '../faults/small-disk.js';
import { type Dedicated, startDedicatedPostgres } from '../support/dedicated.js';
import { eventually } from '../support/eventually.js';
import { untilIngested } from '../support/ingest-facts.js';
import { report } from '../support/ingest-messages.js';
import { produce } from '../support/kafka.js';
import { ledger } from '../support/ledger-cli.js';
import { type AppName, makeSignedLog } from '../support/processes.js';
import { startSystem, type TestSystem } from '../support/system.js';

jest.setTimeout(400_000);

const APPS = ['ingest', 'projector', 'notary', 'relay', 'query-api', 'audit-api', 'intake-api'] as const;
const OF_THE_DATABASE = APPS.filter((name) => name !== 'intake-api');
const PATIENCE = { timeoutMs: 150_000, everyMs: 300 };

describe('health and status name', () => {
  let system: TestSystem;
  let postgres: Dedicated;
  const signed = makeSignedLog();
  const hasSmallDisk = mountSmallDisk(signed.LEDGER_TILES_DIR, 8);
  if (!hasSmallDisk) process.stderr.write('skipped: a full disk of the tiles, because none can be mounted\n');

  beforeAll(async () => {
    postgres = await startDedicatedPostgres();
    system = await startSystem({ apps: [], adminUrl: postgres.address, env: signed });
    // As docs/operators.md asks: a login of its own, which can lose its rights alone.
    await system.pool.query("CREATE ROLE ingest_1 LOGIN PASSWORD 'of-ingest' IN ROLE ledger_ingest");
    const url = new URL(system.database.url);
    [url.username, url.password] = ['ingest_1', 'of-ingest'];
    const started = [];
    for (const name of APPS)
      started.push(await system.start(name, name === 'ingest' ? { DATABASE_URL: url.href } : {}));
    await Promise.all(started.map((app) => app.waitReady(200_000)));
    await produce([report()], system.brokers);
    await untilIngested(system.pool, system.brokers, system.env['LEDGER_CONSUMER_GROUP'] ?? '');
  });
  afterAll(async () => {
    await system?.stop();
    await postgres?.stop();
  }, 60_000);

  async function codesOf(name: AppName): Promise<unknown[]> {
    const answer = await fetch(`${system.app(name).url}/health/ready`);
    const { checks = {} } = (await answer.json()) as { checks?: Record<string, { status: string; code?: string }> };
    return Object.values(checks).flatMap(({ status, code }) => (status === 'down' ? [code] : []));
  }

  async function untilTold(names: readonly AppName[], code: string): Promise<void> {
    for (const name of names) {
      await eventually(`${name} says ${code}`, async () => (await codesOf(name)).includes(code) || null, PATIENCE);
    }
  }

  /** What `ledger status` prints, and its exit code. */
  async function ledgerStatus(): Promise<{ code: number | null; stdout: string }> {
    const urls = APPS.map((name) => [`LEDGER_${name.replace('-api', '').toUpperCase()}_URL`, system.app(name).url]);
    return ledger(['status'], { ...system.env, ...(Object.fromEntries(urls) as Record<string, string>) });
  }

  const untilWell = (): Promise<unknown> =>
    eventually(
      'all are ready',
      async () => (await Promise.all(APPS.map(codesOf))).every((codes) => codes.length === 0) || null,
      PATIENCE,
    );

  async function throwOutIngest(): Promise<void> {
    await system.pool.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'ingest_1'");
  }

  it('a database that is gone, by every app that needs it', async () => {
    await postgres.kill();
    await untilTold(OF_THE_DATABASE, 'DATABASE_DOWN');
    expect(await codesOf('intake-api')).toEqual([]);
    expect(await ledgerStatus()).toMatchObject({ code: 3, stdout: expect.stringContaining('DATABASE_DOWN') });
    await postgres.start();
    await untilWell();
  });

  it.each([
    ['TOO_MANY_CONNECTIONS', 'ALTER ROLE ingest_1 CONNECTION LIMIT 0', 'ALTER ROLE ingest_1 CONNECTION LIMIT -1'],
    ['LOGIN_REFUSED', 'ALTER ROLE ingest_1 NOLOGIN', 'ALTER ROLE ingest_1 LOGIN'],
    ['LOGIN_REFUSED', "ALTER ROLE ingest_1 PASSWORD 'another'", "ALTER ROLE ingest_1 PASSWORD 'of-ingest'"],
    ['NO_RIGHT', 'REVOKE ledger_ingest FROM ingest_1', 'GRANT ledger_ingest TO ingest_1'],
  ])('%s of one app alone, when it is so: %s', async (code, wrong, right) => {
    await system.pool.query(wrong);
    await throwOutIngest();
    await untilTold(['ingest'], code);
    expect(await codesOf('projector')).toEqual([]);
    expect(await ledgerStatus()).toMatchObject({ code: 1, stdout: expect.stringContaining(code) });
    await system.pool.query(right);
    await untilWell();
  });

  it('a lock that somebody holds', async () => {
    const holder = new pg.Client({ connectionString: system.database.url });
    await holder.connect();
    await holder.query('BEGIN; LOCK TABLE ledger.kafka_cursor IN ACCESS EXCLUSIVE MODE');
    await produce([report()], system.brokers);
    await untilTold(['ingest'], 'LOCKED');
    await holder.end();
    await untilWell();
  });

  (hasSmallDisk ? it : it.skip)('a full disk of the tiles', async () => {
    fillDisk(signed.LEDGER_TILES_DIR);
    await produce([report()], system.brokers);
    await untilTold(['notary'], 'DISK_FULL');
    expect(await ledgerStatus()).toMatchObject({ code: 1, stdout: expect.stringContaining('DISK_FULL') });
    freeDisk(signed.LEDGER_TILES_DIR);
    await untilWell();
  });

  it('a process that sleeps, without waiting for it', async () => {
    process.kill(system.app('projector').pid, 'SIGSTOP');
    const asked = performance.now();
    const { code, stdout } = await ledgerStatus();
    process.kill(system.app('projector').pid, 'SIGCONT');
    expect([code, stdout]).toEqual([3, expect.stringMatching(/projector +unreachable/)]);
    expect(performance.now() - asked).toBeLessThan(60_000);
    await untilWell();
  });

  it('a checkpoint that is late', async () => {
    await system.app('notary').kill();
    await produce([report()], system.brokers);
    const { stdout } = await eventually(
      'status says so',
      async () => {
        const seen = await ledgerStatus();
        return seen.stdout.includes('CHECKPOINT_LATE') ? seen : null;
      },
      { timeoutMs: 90_000, everyMs: 2_000 },
    );
    expect(stdout).toMatch(/notary +unreachable/);
    await system.start('notary');
    await untilWell();
    await eventually('all is well', async () => (await ledgerStatus()).code === 0 || null, PATIENCE);
  });
});
