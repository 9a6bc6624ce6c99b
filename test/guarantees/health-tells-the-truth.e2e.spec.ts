import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '#app/runtime';
import pg from 'pg';
import { type Dedicated, startDedicatedKafka } from '../support/dedicated.js';
import { eventually } from '../support/eventually.js';
import { untilIngested } from '../support/ingest-facts.js';
import { report } from '../support/ingest-messages.js';
import { freshTopics, produce, REPORTS_TOPIC, withAdmin } from '../support/kafka.js';
import { ledger } from '../support/ledger-cli.js';
import { type AppName, startApp } from '../support/processes.js';
import { runFolder } from '../support/run-folder.js';
import { startSystem, type TestSystem } from '../support/system.js';

// Seven apps and a broker, and a client that takes its time to give a broker up.
jest.setTimeout(180_000);

const APPS = ['ingest', 'projector', 'notary', 'relay', 'query-api', 'audit-api', 'intake-api'] as const;
/** Those that write. */
const WRITERS = ['ingest', 'projector', 'notary', 'relay'] as const;

const METRIC = /\b(?:ledger|http|process|nodejs)_[a-z0-9_]+/g;
const observability = (...name: string[]): string =>
  readFileSync(path.join(repositoryRoot(), 'infra', 'observability', ...name), 'utf8');
const dashboard = JSON.parse(observability('grafana', 'dashboard.json')) as {
  panels: { targets: { expr: string }[] }[];
};
/** Expressions of Prometheus by where they stand. */
const LOOKED_AT: [string, string[]][] = [
  ['alerts', [...observability('alerts.yml').matchAll(/^ +expr: (.+)$/gm)].map(([, expr]) => expr ?? '')],
  [
    'tests of the alerts',
    [...observability('alerts.test.yml').matchAll(/series: ["'](.+?)["'], values/g)].map(([, one]) => one ?? ''),
  ],
  ['panels of the dashboard', dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))],
];

interface Status {
  code: number | null;
  problems: { part: string; code: string }[];
}

describe('health and status tell the truth', () => {
  let system: TestSystem;
  let kafka: Dedicated;
  beforeAll(async () => {
    kafka = await startDedicatedKafka();
    system = await startSystem({ apps: APPS, brokers: kafka.address, patienceMs: 150_000 });
    await record();
  }, 240_000);
  afterAll(async () => {
    await system?.stop();
    await kafka?.stop();
  }, 60_000);

  async function record(): Promise<void> {
    await produce([report()], kafka.address);
    await untilIngested(system.pool, kafka.address, system.env['LEDGER_CONSUMER_GROUP'] ?? '');
  }

  /** The codes of the checks of an app that are down; empty when it is ready; null when it does not answer. */
  async function down(name: AppName): Promise<unknown[] | null> {
    const answer = await fetch(`${system.app(name).url}/health/ready`).catch(() => null);
    if (answer === null) return null;
    const { checks = {} } = (await answer.json()) as { checks?: Record<string, { status: string; code?: string }> };
    const codes = Object.values(checks).flatMap((check) => (check.status === 'down' ? [check.code] : []));
    if ((codes.length === 0) !== (answer.status === 200)) throw new Error(`${name}: ${answer.status} ${codes.join()}`);
    return codes;
  }

  const untilDown = (name: AppName, code: string): Promise<unknown> =>
    eventually(`${name} says ${code}`, async () => (await down(name))?.includes(code), {
      timeoutMs: 60_000,
      everyMs: 300,
    });
  const untilReady = (names: readonly AppName[] = APPS): Promise<unknown> =>
    eventually(
      'all are ready',
      async () => (await Promise.all(names.map(down))).every((codes) => codes?.length === 0),
      {
        timeoutMs: 60_000,
        everyMs: 300,
      },
    );

  /** Of each partition that has messages: the cursor, and what Kafka was told of it. */
  async function toldToKafka(): Promise<{ partition: number; next: number; told: number }[]> {
    const { rows } = await system.pool.query<{ partition: number; next: number }>(
      'SELECT partition, next_offset::int AS next FROM ledger.kafka_cursor WHERE topic = $1 AND next_offset > 0',
      [REPORTS_TOPIC],
    );
    const told = new Map<number, number>();
    await withAdmin(kafka.address, async (admin) => {
      const groupId = system.env['LEDGER_CONSUMER_GROUP'] ?? '';
      const [reports] = await admin.fetchOffsets({ groupId, topics: [REPORTS_TOPIC] });
      for (const { partition, offset } of reports?.partitions ?? []) told.set(partition, Number(offset));
    });
    return rows.map(({ partition, next }) => ({ partition, next, told: told.get(partition) ?? -1 }));
  }
  const isBehind = ({ next, told }: { next: number; told: number }): boolean => told !== next;

  async function status(): Promise<Status> {
    const urls = Object.fromEntries(
      APPS.map((name) => [`LEDGER_${name.replace('-api', '').toUpperCase()}_URL`, system.app(name).url]),
    );
    const { code, stdout } = await ledger(['--json', 'status'], { ...system.env, ...urls });
    return { code, problems: (JSON.parse(stdout) as Status).problems };
  }

  it('of a system that is well', async () => {
    await untilReady();
    await eventually('all is projected and published', async () => (await status()).problems.length === 0);
    expect(await status()).toEqual({ code: 0, problems: [] });
  });

  it("to Kafka's own tools as well, at the latest when ingest ends", async () => {
    await record();
    await eventually('Kafka knows how far ingest is', async () => !(await toldToKafka()).some(isBehind));
    await record();
    expect(await system.app('ingest').stop()).toBe(0);
    expect((await toldToKafka()).filter(isBehind)).toEqual([]);
    await (await system.start('ingest')).waitReady(60_000);
  });

  it.each(LOOKED_AT)('by every metric that the %s look at', async (_what, expressions) => {
    const pages = await Promise.all(APPS.map(async (name) => (await fetch(`${system.app(name).url}/metrics`)).text()));
    const served = new Set(pages.flatMap((page) => [...page.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name)));
    const names = new Set(expressions.flatMap((expr) => expr.match(METRIC) ?? []));
    expect(names.size).toBeGreaterThan(15);
    expect(
      [...names].filter((name) => !served.has(name) && !served.has(name.replace(/_(?:bucket|count|sum)$/, ''))),
    ).toEqual([]);
  });

  it('of a database that takes no writes', async () => {
    const name = new URL(system.database.url).pathname.slice(1);
    const settle = async (): Promise<void> => {
      await system.pool.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
    };
    await system.pool.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    await settle();
    for (const app of WRITERS) await untilDown(app, 'DATABASE_READ_ONLY');
    expect(await down('query-api')).toEqual([]);
    await withClient(system.database.url, async (client) => {
      await client.query('SET default_transaction_read_only = off');
      await client.query(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
    });
    await settle();
    await untilReady();
  });

  it('of a clock that went back, and of messages that wait for it', async () => {
    const clock = (sql: string): Promise<unknown> =>
      system.pool.query(
        `CREATE OR REPLACE FUNCTION ledger.clock() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT ${sql}'`,
      );
    await clock(`clock_timestamp() - interval ''1 hour''`);
    await produce([report()], kafka.address);
    await untilDown('ingest', 'CLOCK_BEHIND');
    const { code, problems } = await status();
    expect([code, problems]).toEqual([1, expect.arrayContaining([expect.objectContaining({ code: 'CURSOR_STUCK' })])]);
    await clock('clock_timestamp()');
    await untilReady();
  });

  it('of a key that does not open the vault', async () => {
    const wrong = path.join(runFolder(), 'keys', 'wrong.key');
    writeFileSync(wrong, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
    const own = system.app('query-api');
    const other = await system.start('query-api', { LEDGER_MASTER_KEY_FILE: wrong });
    await other.waitReady();
    expect(await status()).toMatchObject({ code: 1, problems: [{ part: 'query-api', code: 'MASTER_KEY_WRONG' }] });
    await Promise.all([other.stop(), own.stop()]);
    await (await system.start('query-api')).waitReady();
    const ingest = await startApp('ingest', { ...system.env, LEDGER_MASTER_KEY_FILE: wrong });
    expect(await ingest.exited).toBe(1);
    expect(ingest.logs()).toMatch(/master key/i);
    const missing = await startApp('ingest', { ...system.env, LEDGER_MASTER_KEY_FILE: `${wrong}.gone` });
    expect(await missing.exited).toBe(1);
    expect(missing.logs()).toContain('cannot be read');
  });

  it('of tiles that were damaged', async () => {
    await eventually('the log is published whole', async () => (await status()).problems.length === 0 || null);
    const folder = path.join(system.env['LEDGER_TILES_DIR'] ?? '', 'tile', '0');
    const { rows } = await system.pool.query<{ size: number }>(
      'SELECT max(size)::int AS size FROM notary.checkpoint WHERE published_at IS NOT NULL',
    );
    const file = path.join(folder, '000.p', String(rows[0]?.size));
    const bytes = readFileSync(file);
    writeFileSync(file, Buffer.from(bytes).fill(0, 0, 1));
    expect(await status()).toMatchObject({ code: 1, problems: [{ part: 'audit-api', code: 'TILES_DAMAGED' }] });
    writeFileSync(file, bytes);
  });

  it('of an event that cannot be projected', async () => {
    await system.app('projector').stop();
    await record();
    await system.pool.query('ALTER TABLE ledger.event DISABLE TRIGGER append_only');
    const { rows } = await system.pool.query<{ position: string; leaf: string }>(
      'SELECT position, leaf FROM ledger.event ORDER BY position DESC LIMIT 1',
    );
    const put = (leaf: string): Promise<unknown> =>
      system.pool.query('UPDATE ledger.event SET leaf = $1 WHERE position = $2', [leaf, rows[0]?.position]);
    await put('{}');
    const projector = await system.start('projector');
    await untilDown('projector', 'PROJECTOR_STOPPED');
    expect((await status()).problems).toContainEqual(expect.objectContaining({ code: 'FIGURES_STUCK' }));
    await put(rows[0]?.leaf ?? '');
    await system.pool.query('ALTER TABLE ledger.event ENABLE ALWAYS TRIGGER append_only');
    await projector.stop();
    await (await system.start('projector')).waitReady();
  });

  it('of a topic that is missing, and of one that was made again while nobody read', async () => {
    await withAdmin(kafka.address, (admin) => admin.deleteTopics({ topics: ['conflict.decisions.v1'] }));
    await untilDown('intake-api', 'TOPIC_MISSING');
    // A topic that was deleted just now is made again a moment later only.
    await eventually('the topics are made again', () => freshTopics(kafka.address).then(() => true));
    await Promise.all((['ingest', 'relay'] as const).map((name) => system.app(name).stop()));
    await produce([report()], kafka.address);
    const { code, problems } = await status();
    expect([code, problems]).toEqual([
      3,
      expect.arrayContaining([expect.objectContaining({ code: 'CURSOR_BEYOND_END' })]),
    ]);
    for (const name of ['ingest', 'relay'] as const) await system.start(name);
    await untilReady();
  });

  it('of a broker that is gone', async () => {
    await kafka.kill();
    for (const name of ['intake-api', 'ingest'] as const) await untilDown(name, 'KAFKA_DOWN');
    expect((await status()).code).toBe(3);
    await kafka.start();
    await untilReady();
  });
});

async function withClient(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
