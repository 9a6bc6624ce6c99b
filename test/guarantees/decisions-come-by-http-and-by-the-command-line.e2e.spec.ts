import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PROJECTION_VERSION } from '#app/domain';
import { incidentIdOf } from '#app/log';
import { eventsOf, untilIngested } from '../support/ingest-facts.js';
import { PUBLISHER, report } from '../support/ingest-messages.js';
import { produce } from '../support/kafka.js';
import { ledger } from '../support/ledger-cli.js';
import { runFolder } from '../support/run-folder.js';
import { startSystem, type TestSystem } from '../support/system.js';

const [A, B, C] = ['a', 'b', 'c'].map((ref) => incidentIdOf(PUBLISHER, ref)) as [string, string, string];
const STEWARD = ['--reason', 'the desk asked', '--by', 'Steward Two'];

describe('decisions', () => {
  let system: TestSystem;
  const ingested = (): Promise<void> =>
    untilIngested(system.pool, system.brokers, system.env['LEDGER_CONSUMER_GROUP'] ?? '');

  beforeAll(async () => {
    system = await startSystem({ apps: ['ingest', 'intake-api'] });
    await produce(
      ['a', 'b', 'c'].map((ref) => report({ ref })),
      system.brokers,
    );
    await ingested();
  }, 120_000);
  afterAll(() => system.stop(), 60_000);

  it('come by HTTP, as aggregates, trends and sites do: checked like reports, each on its own route', async () => {
    const post = (route: string, body: unknown, type = ''): Promise<Response> =>
      fetch(`${system.app('intake-api').url}/v1/${route}?source=urn:desk${type === '' ? '' : `&type=${type}`}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
        body: JSON.stringify(body),
      });
    const seal = { kind: 'SEAL_SNAPSHOT', name: 'november', reason: 'r', by: 's' };
    const refused = await post('decisions', { ...seal, name: '2018' });
    expect([refused.status, await refused.json()]).toMatchObject([422, { errors: [{ pointer: '/name' }] }]);
    const accepted = await post('decisions', seal);
    expect([accepted.status, await accepted.json()]).toMatchObject([202, { topic: 'conflict.decisions.v1' }]);
    const withdrawals = [
      ['aggregates', 'aggregate-withdrawn', { seriesId: 's' }],
      ['trends', 'trend-withdrawn', { trendId: 't' }],
      ['sites', 'site-withdrawn', { siteRef: 'g' }],
    ] as const;
    for (const [route, name, data] of withdrawals) {
      const type = `org.conflictledger.${name}.v1`;
      expect((await post(route, { ...data, reason: 'withdrawn' }, type)).status).toBe(202);
      expect((await post(route, { ...data, reason: 'withdrawn' })).status).toBe(422);
      expect((await post(route, seal, 'org.conflictledger.decision.v1')).status).toBe(400);
    }
    await ingested();
    const recorded = (await eventsOf(system.pool)).map(({ type, leaf }) => [type, leaf.data]);
    expect(recorded).toContainEqual(['SnapshotSealed', { name: 'november', projection: PROJECTION_VERSION }]);
    expect(recorded).toContainEqual(['AggregateWithdrawn', { seriesId: 's' }]);
    expect(recorded).toContainEqual(['TrendWithdrawn', { trendId: 't' }]);
    expect(recorded).toContainEqual(['SiteWithdrawn', { siteRef: 'g' }]);
  }, 90_000);

  it('come by the command line, which tells what became of them', async () => {
    const merge = ['decide', 'merge', '--survivor', `${PUBLISHER}|a`, '--absorbed', B, C, ...STEWARD];
    const merged = await ledger([...merge, '--json'], system.env);
    expect([merged.code, merged.stderr]).toEqual([0, '']);
    const outcome = JSON.parse(merged.stdout) as { event: string };
    expect(outcome).toMatchObject({ outcome: 'RECORDED', type: 'IncidentsMerged', stream: A });

    const again = await ledger(merge, system.env);
    expect([again.code, again.stdout]).toEqual([1, expect.stringContaining('DECISION_TARGET_MERGED')]);
    expect(again.stdout).toContain(A);

    const file = path.join(runFolder(), `unmerge-${randomUUID()}.json`);
    await writeFile(file, JSON.stringify({ kind: 'UNMERGE', event: outcome.event, reason: 'r', by: 's' }));
    expect(await ledger(['decide', file], system.env)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('MergeReverted') as unknown,
    });
    const invalid = await ledger(['decide', 'redate', '--incident', A, ...STEWARD], system.env);
    expect([invalid.code, invalid.stdout]).toEqual([1, expect.stringContaining('/occurred')]);
    expect(await ledger(['decide'], system.env)).toMatchObject({ code: 2 });
  }, 90_000);

  it('seal snapshots, which the command line lists', async () => {
    expect((await ledger(['snapshot', 'seal', 'december', ...STEWARD], system.env)).code).toBe(0);
    const taken = await ledger(['snapshot', 'seal', 'december', ...STEWARD], system.env);
    expect([taken.code, taken.stdout]).toEqual([1, expect.stringContaining('SNAPSHOT_NAME_TAKEN')]);
    const list = await ledger(['snapshot', 'list', '--json'], system.env);
    const names = (JSON.parse(list.stdout) as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual(['november', 'december']);
  }, 60_000);
});
