import { randomUUID } from 'node:crypto';
import { PROJECTION_VERSION } from '#app/domain';
import { READ_MODEL_TABLES } from '#app/read-models';
import { formatVerifierKey, NoteSigner, readKeyFile } from '#app/transparency';
import pg from 'pg';
import { eventually } from '../support/eventually.js';
import { eventsOf, type Leaf, rejectionCodes } from '../support/ingest-facts.js';
import { decision, report } from '../support/ingest-messages.js';
import { endOffsets, produce } from '../support/kafka.js';
import { ledger } from '../support/ledger-cli.js';
import { testNotary, tilesFolder } from '../support/notary.js';
import { TEST_ORIGIN } from '../support/processes.js';
import { startSystem, type TestSystem } from '../support/system.js';

interface Sealed {
  position: number;
  leaf: Leaf;
  data: { name: string; position?: number; digests?: { tables: Record<string, string> } };
}

const DECISIONS = 'conflict.decisions.v1';
const NOBODY_THERE = '127.0.0.1:9';

describe('a sealed snapshot', () => {
  let system: TestSystem;
  beforeAll(async () => {
    system = await startSystem({ apps: ['ingest', 'query-api', 'audit-api'] });
  }, 120_000);
  afterAll(() => system.stop(), 60_000);

  const sealed = async (): Promise<Sealed[]> =>
    (await eventsOf(system.pool))
      .map(({ type, leaf }, position) => ({ type, position, leaf, data: leaf.data as Sealed['data'] }))
      .filter(({ type }) => type === 'SnapshotSealed');
  const digested = async (name: string): Promise<Sealed | undefined> =>
    (await sealed()).find(({ data }) => data.name === name && data.digests !== undefined);
  const tell = (count: number): Promise<unknown> =>
    produce(
      Array.from({ length: count }, (_, n) => report({ ref: `incident-${n % 7}`, killed: n })),
      system.brokers,
    );
  const seal = (name: string): Promise<unknown> => produce([decision({ kind: 'SEAL_SNAPSHOT', name })], system.brokers);
  const health = async (
    url: string,
  ): Promise<{ status: string; checks: { snapshots: { reason: string | null; waiting: string[] } } }> =>
    (await (await fetch(`${url}/health/ready`)).json()) as never;

  it('waits while Kafka is away, and the projector projects and stays ready', async () => {
    await tell(30);
    await seal('before-kafka');
    await eventually('the snapshot is sealed', async () => (await sealed()).length === 1);
    const projector = await system.start('projector', { KAFKA_BROKERS: NOBODY_THERE });
    await projector.waitReady();
    const waits = await eventually(
      'it has tried',
      async () => {
        const { status, checks } = await health(projector.url);
        return checks.snapshots.reason?.includes('Kafka') === true ? { ...checks.snapshots, status } : null;
      },
      { timeoutMs: 60_000 },
    );
    expect(waits).toMatchObject({
      status: 'ready',
      waiting: ['before-kafka'],
    });
    const metrics = await (await fetch(`${projector.url}/metrics`)).text();
    expect(metrics).toMatch(/^ledger_projector_snapshots_waiting\S* 1$/m);
    expect(metrics).toMatch(/^ledger_projector_snapshot_retries_total\S* [1-9]/m);
    await tell(5);
    const head = (): Promise<number> => eventsOf(system.pool).then((events) => events.length - 1);
    await eventually('the figures follow', async () => {
      const { rows } = await system.pool.query<{ position: string }>(
        "SELECT position FROM read_model.generation WHERE status = 'LIVE'",
      );
      return Number(rows[0]?.position) === (await head()) && (await head()) > 35;
    });
    await projector.kill();
  }, 120_000);

  it('gets its digests once, whoever computes them: two projectors, one of them killed and started again', async () => {
    const first = await system.start('projector');
    await system.start('projector');
    await eventually('the first one is digested', () => digested('before-kafka'), { timeoutMs: 60_000 });
    await tell(20);
    await Promise.all(['second', 'third', 'fourth'].map(seal));
    await first.kill();
    await (await system.start('projector')).waitReady();
    for (const name of ['second', 'third', 'fourth']) {
      await eventually(`${name} is digested`, () => digested(name), { timeoutMs: 60_000 });
    }
    // Whatever was sent twice is read by now.
    await tell(1);
    const before = (await eventsOf(system.pool)).length;
    await eventually('the last report is recorded', async () => (await eventsOf(system.pool)).length > before - 1);
    const all = await sealed();
    expect(
      all
        .filter(({ data }) => data.digests !== undefined)
        .map(({ data }) => data.name)
        .toSorted(),
    ).toEqual(['before-kafka', 'second', 'third', 'fourth'].toSorted());
    for (const { data, leaf, position } of all.filter(({ data: { digests } }) => digests !== undefined)) {
      const sealing = all.find((one) => one.data.name === data.name) as Sealed;
      expect([data.position, leaf.actor]).toEqual([sealing.position, 'steward:projector']);
      expect(Object.keys(data.digests?.tables ?? {}).toSorted()).toEqual(READ_MODEL_TABLES.toSorted());
      expect(position).toBeGreaterThan(sealing.position);
    }
    expect(await rejectionCodes(system.pool)).toEqual([]);
  }, 180_000);

  it('is shown with them by the query API and the command line, and a second decision is refused', async () => {
    const event = (await digested('second')) as Sealed;
    const shown = await eventually('the figures have them', async () => {
      const answer = await fetch(`${system.app('query-api').url}/v1/snapshots`);
      const { data } = (await answer.json()) as { data: { name: string; position: number; digests: object | null }[] };
      return data.find(({ name, digests }) => name === 'second' && digests !== null);
    });
    const { tables } = event.data.digests as { tables: Record<string, string> };
    expect(shown).toMatchObject({ position: event.data.position, digests: { position: event.position, tables } });
    const list = await ledger(['--json', 'snapshot', 'list'], system.env);
    expect(JSON.parse(list.stdout)).toContainEqual(
      expect.objectContaining({
        name: 'second',
        position: event.data.position,
        digests: expect.objectContaining({ tables }),
      }),
    );
    const again = {
      kind: 'SEAL_SNAPSHOT',
      name: 'second',
      digests: { ...digestsOf(event), tables: { posting: '0'.repeat(64) } },
    };
    const id = randomUUID();
    await produce([decision(again, id)], system.brokers);
    await eventually('it is refused', async () =>
      (await rejectionCodes(system.pool)).some(({ ceId, code }) => ceId === id && code === 'DECISION_NOT_APPLICABLE'),
    );
    expect((await endOffsets(DECISIONS, system.brokers)).reduce((sum, end) => sum + end, 0)).toBeGreaterThan(8);
  }, 60_000);

  it('is replayed by its name, against the live figures and the log: equal, and not when a figure was changed', async () => {
    const env = { ...system.env, LEDGER_AUDIT_URL: system.app('audit-api').url };
    const equal = await ledger(['--json', 'replay', '--up-to', 'third'], env);
    expect([equal.code, JSON.parse(equal.stdout)]).toMatchObject([0, { same: true, snapshot: { name: 'third' } }]);
    const change = (by: number): Promise<unknown> =>
      system.pool.query(
        `UPDATE read_model.balance_2 SET lo = lo + $1 WHERE ctid = (SELECT min(ctid) FROM read_model.balance_2 WHERE lo > 0)`,
        [by],
      );
    await change(1);
    const differs = await ledger(['replay', '--up-to', 'third'], env);
    await change(-1);
    expect([differs.code, differs.stdout]).toEqual([1, expect.stringMatching(/balance, as it is kept: .* in lo\n/)]);
  }, 120_000);

  it('is recomputed from the published log alone, in an empty database', async () => {
    const folder = tilesFolder();
    const keyFile = system.env['LEDGER_SIGNING_KEY_FILE'] as string;
    const notary = testNotary({ url: system.database.url, folder, keyFile, origin: TEST_ORIGIN });
    const size = await notary.publishAll().finally(() => notary.close());
    const [{ verifier }] = readKeyFile(keyFile, { name: TEST_ORIGIN, kind: 'LOG' });
    const database = await emptyDatabase();
    try {
      const replay = (...args: string[]): ReturnType<typeof ledger> =>
        ledger(['--json', 'replay', '--log', folder, '--key', formatVerifierKey(verifier), ...args], {
          DATABASE_URL: database.url,
        });
      for (const name of ['before-kafka', 'fourth']) {
        const found = await replay('--up-to', name);
        expect([found.code, found.stderr]).toEqual([0, expect.any(String)]);
        const tables = (await digested(name))?.data.digests?.tables;
        const { digests, snapshot, log } = JSON.parse(found.stdout) as {
          digests: { table: string; replayed: string; live: null; recorded: string }[];
          snapshot: { name: string };
          log: { size: number };
        };
        expect([snapshot.name, log.size]).toEqual([name, size]);
        expect(Object.fromEntries(digests.map(({ table, replayed }) => [table, replayed]))).toEqual(tables);
        expect(digests.every(({ live, replayed, recorded }) => live === null && recorded === replayed)).toBe(true);
      }
      expect(await replay('--up-to', 'nobody')).toMatchObject({ code: 2 });
      expect(await replay('--up-to', String(size))).toMatchObject({ code: 2 });
      const stranger = formatVerifierKey(NoteSigner.generate(TEST_ORIGIN, 'LOG').verifier);
      const args = ['replay', '--up-to', '3', '--log', folder, '--key', stranger];
      expect((await ledger(args, { DATABASE_URL: database.url })).code).toBe(1);
    } finally {
      await database.drop();
    }
  }, 120_000);
});

function digestsOf({ data }: Sealed): Record<string, unknown> {
  const { position, digests } = data;
  return { position, projection: PROJECTION_VERSION, algorithm: 'rows-sha256-v1', tables: digests?.tables };
}

/** Nothing in it: as somebody else has one. */
async function emptyDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const admin = process.env['TEST_PG_ADMIN_URL'] as string;
  const name = `ledger_test_empty_${randomUUID().slice(0, 8)}`;
  const run = async (sql: string): Promise<void> => {
    const client = new pg.Client({ connectionString: admin });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  await run(`CREATE DATABASE ${name}`);
  const url = new URL(admin);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => run(`DROP DATABASE ${name} WITH (FORCE)`) };
}
