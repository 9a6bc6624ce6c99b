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

async function casualties(query: string): Promise<{ total: Figures }> {
  const answer = await fetch(`${system.app('query-api').url}/v1/casualties?${query}`);
  const body = (await answer.json()) as { total: Figures };
  expect({ status: answer.status, body }).toMatchObject({ status: 200 });
  return body;
}
