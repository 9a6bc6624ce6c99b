import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { publishSamples, sampleFiles, sampleMessages, waitUntilVisible } from '../../infra/local/samples.js';
import { eventually } from '../support/eventually.js';
import { REPORTS_TOPIC, endOffsets } from '../support/kafka.js';
import { startSystem, type TestSystem } from '../support/system.js';

interface Sums {
  lo: number;
  hi: number | null;
  openIncidents: number;
  unknownIncidents: number;
  point: number | null;
}
interface Figures {
  incidents: number;
  measures: Record<string, Sums>;
}

const BOMB = 'from=2018-11-08&to=2018-11-08&region=IQ';
const STRIKES = 'from=2018-11-10&to=2018-11-10&region=IQ';

let system: TestSystem;

beforeAll(async () => {
  system = await startSystem();
  await publish();
}, 180_000);
afterAll(() => system.stop(), 60_000);

test('the bomb whose toll differs by source: killed 2…open, injured 5…14, whatever estimator is chosen', async () => {
  const { total } = await casualties(BOMB);
  expect(total.incidents).toBe(1);
  expect(total.measures['KILLED']).toMatchObject({
    lo: 2,
    hi: null,
    openIncidents: 1,
    unknownIncidents: 0,
    point: null,
  });
  expect(total.measures['INJURED']).toMatchObject({ lo: 5, hi: 14, openIncidents: 0 });
  for (const [estimator, killed, injured] of [
    ['conservative', 2, 5],
    ['median', 3, 12],
    ['max', 5, 14],
  ] as const) {
    const { measures } = (await casualties(`${BOMB}&estimator=${estimator}`)).total;
    expect([measures['KILLED']?.point, measures['INJURED']?.point]).toEqual([killed, injured]);
  }
});

test('air strikes with casualties that nobody counted: unknown is not zero', async () => {
  const { total } = await casualties(STRIKES);
  expect(total.incidents).toBe(1);
  expect(total.measures['KILLED']).toMatchObject({ lo: 0, hi: null, unknownIncidents: 1 });
  expect(total.measures['CASUALTIES_UNSPECIFIED']).toMatchObject({ lo: 1, hi: null, unknownIncidents: 1 });
});

test('what UNAMI counted in October stands beside what is recorded, and is in no count of incidents', async () => {
  const { data } = await get<{ data: { indicator: string; official: object; recorded: object; residual: object }[] }>(
    '/v1/reconciliation?series=unami-civilian-casualties&period=2018-10',
  );
  expect(data).toMatchObject([
    { indicator: 'KILLED', official: { lo: 69, unallocated: { lo: 6 } }, residual: { lo: 62, hi: 63 } },
    { indicator: 'INJURED', official: { lo: 105, unallocated: { lo: 15 } }, residual: { lo: 79, hi: 79 } },
  ]);
  const october = await casualties('region=IQ&from=2018-10-01&to=2018-10-31');
  expect(october.total).toMatchObject({ incidents: 5, measures: { KILLED: { lo: 6, hi: 7 } } });
});

test('what was asserted without a number stays without one, and a stock is no flow', async () => {
  const trends = await get<{ data: { direction: string; magnitude: number | null }[] }>('/v1/trends');
  expect(trends.data.map(({ direction }) => direction).toSorted()).toEqual([
    'PERSISTENT',
    'PERSISTENT',
    'RECORD_LOW',
    'RE_EMERGENCE',
  ]);
  expect(trends.data.every(({ magnitude }) => magnitude === null)).toBe(true);
  const sites = await get<{ data: object[] }>('/v1/sites');
  expect(sites.data).toMatchObject([{ count: { lo: 202 }, unallocated: { lo: 10 } }]);
});

test('publishing the samples a second time changes nothing', async () => {
  const before = await casualties('region=IQ');
  await publish();
  const read = await endOffsets(REPORTS_TOPIC, system.brokers);
  await eventually('ingest has read the repetitions', async () => {
    const { rows } = await system.pool.query<{ read: number }>(
      'SELECT coalesce(sum(next_offset), 0)::int AS read FROM ledger.kafka_cursor WHERE topic = $1',
      [REPORTS_TOPIC],
    );
    return rows[0]?.read === read.reduce((sum, offset) => sum + offset, 0);
  });
  expect(read.reduce((sum, offset) => sum + offset, 0)).toBe(2 * sampleFiles().flatMap(sampleMessages).length);
  expect(await casualties('region=IQ')).toEqual(before);
});

async function publish(): Promise<void> {
  const files = sampleFiles();
  await publishSamples(files, { ...process.env, ...system.env });
  const urls = { audit: system.app('audit-api').url, query: system.app('query-api').url };
  const outcome = await waitUntilVisible(files, urls, () => false);
  expect(outcome.rejected).toBe(0);
}

function casualties(query: string): Promise<{ total: Figures }> {
  return get(`/v1/casualties?${query}`);
}

async function get<T>(path: string): Promise<T> {
  const answer = await fetch(`${system.app('query-api').url}${path}`);
  const body: unknown = await answer.json();
  expect({ status: answer.status, body }).toMatchObject({ status: 200 });
  return body as T;
}
