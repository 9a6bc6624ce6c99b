import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Report, Site, TrendDirection } from '#app/domain';
import { rebuild } from '#app/read-models';
import { OfficialStory } from '../support/official-story.js';
import { type Json, startQueryApi, type TestQueryApi } from '../support/query-api.js';
import { exact, UNAMI_SERIES, UNAMI_SOURCE, unamiFigure } from '../support/unami.js';

jest.setTimeout(120_000);

/**
 * V16 for official figures: October 2018 published on 2 November with 69 killed and revised on 1 December to 71, September
 * published, withdrawn and published anew, November published on 2 December.
 */
let api: TestQueryApi;
let unami: OfficialStory;
let beforeRevision: number;
let beforeWithdrawal: number;
let withdrawn: number;

const killed = (reportId: string, publishedAt: string, count: number, revision = 1): Report => ({
  reportId,
  revision,
  incident: { ref: reportId },
  publishedAt,
  source: { name: 'Desk', kind: 'NGO' },
  occurred: { start: '2018-10-19', end: '2018-10-19', precision: 'DAY' },
  place: { country: 'IQ', admin: [{ code: 'IQ-NI', authority: 'ISO' }], precision: 'ADM1' },
  classification: { incidentType: 'IED_ATTACK' },
  casualties: [
    { measure: 'KILLED', status: 'CIVILIAN', value: exact(count) },
    { measure: 'KILLED', status: 'CIVILIAN', role: 'POLICE_NON_COMBAT', value: exact(count - 1) },
  ],
});

const graves = (count: number, publishedAt?: string): Site => ({
  siteRef: publishedAt === undefined ? 'undated' : 'graves',
  kind: 'MASS_GRAVE',
  area: { code: 'IQ' },
  count: exact(count),
  publisher: { name: 'UNAMI', kind: 'UN' },
  ...(publishedAt !== undefined && { publishedAt }),
});

const assertion = (direction: TrendDirection, publishedAt: string) => ({
  trendId: 'october',
  metric: 'CIVILIAN_CASUALTIES' as const,
  direction,
  areas: [{ code: 'IQ' }],
  period: { start: '2018-10-01', end: '2018-10-31' },
  publisher: { name: 'UNAMI', kind: 'UN' as const },
  publishedAt,
});

const of = (month: string, count: number, publishedAt: string) =>
  unami.aggregate(unamiFigure(month, 'KILLED', count, { publishedAt }));

beforeAll(async () => {
  api = await startQueryApi();
  unami = new OfficialStory(api.projection.log, UNAMI_SOURCE);
  const desk = new OfficialStory(api.projection.log, 'https://desk.example');
  beforeRevision = await api.record([
    of('2018-09', 75, '2018-10-02T00:00:00Z'),
    of('2018-10', 69, '2018-11-02T12:00:00+03:00'),
    unami.trend(assertion('RECORD_LOW', '2018-11-02T00:00:00Z')),
    unami.site(graves(200, '2018-11-06T00:00:00Z')),
    unami.site(graves(1)),
    desk.report(killed('a', '2018-10-20T06:00:00Z', 4)),
    desk.report(killed('b', '2018-11-10T06:00:00Z', 3)),
  ]);
  beforeWithdrawal = await api.record([
    of('2018-10', 71, '2018-12-01T00:00:00Z'),
    unami.trend(assertion('INCREASE', '2018-12-01T00:00:00Z')),
    unami.site(graves(202, '2018-12-01T00:00:00Z')),
    of('2018-11', 41, '2018-12-02T00:00:00Z'),
    desk.report(killed('a', '2018-12-01T06:00:00Z', 6, 2)),
  ]);
  const september = { start: '2018-09-01', end: '2018-09-30' };
  withdrawn = await api.record([unami.aggregateWithdrawal(UNAMI_SERIES, september)]);
  await api.record([of('2018-09', 77, '2018-12-10T00:00:00Z')]);
});
afterAll(() => api?.close());

async function figures(query: string): Promise<[month: string, killed: number][]> {
  const { data, total } = await api.json(`/v1/aggregates?series=${UNAMI_SERIES}&${query}`);
  expect(total).toBe(data.length);
  return data.map(({ period, value }: Json) => [period.start.slice(0, 7), value.lo]);
}

it('gives of a revised figure the publication of then, to the second', async () => {
  const october = (until: string) => figures(`from=2018-10-01&to=2018-10-31&publishedUntil=${until}`);
  expect(await october('2018-11-02T08:59:59Z')).toEqual([]);
  expect(await october('2018-11-02T09:00:00Z')).toEqual([['2018-10', 69]]);
  expect(await october('2018-11-30')).toEqual([['2018-10', 69]]);
  expect(await october('2018-12-01')).toEqual([['2018-10', 71]]);
});

it('holds withdrawals as recorded: what was taken back comes back at no moment, until asOf is before it', async () => {
  const until = (asOf: number, day: string) => figures(`to=2018-09-30&asOf=${asOf}&publishedUntil=${day}`);
  expect(await until(beforeWithdrawal, '2018-11-30')).toEqual([['2018-09', 75]]);
  expect(await until(withdrawn, '2018-11-30')).toEqual([]);
  expect(await figures('to=2018-09-30&publishedUntil=2018-11-30')).toEqual([]);
  expect(await figures('to=2018-09-30&publishedUntil=2018-12-10')).toEqual([['2018-09', 77]]);
});

it('together with asOf is of what was recorded by then', async () => {
  expect(await figures(`from=2018-10-01&asOf=${beforeRevision}&publishedUntil=2018-12-31`)).toEqual([['2018-10', 69]]);
  expect(await figures('from=2018-10-01&publishedUntil=2018-12-31')).toEqual([
    ['2018-10', 71],
    ['2018-11', 41],
  ]);
});

it('computes "lowest since" from what had been published, beside what the publisher said then', async () => {
  const october = async (day: string): Promise<Json> => {
    const query = `from=2018-10-01&to=2018-10-31&asOf=${beforeWithdrawal}&publishedUntil=${day}`;
    const { data, publishedUntil } = await api.json(`/v1/aggregates?${query}`);
    expect(publishedUntil).toBe(`${day}T23:59:59.999Z`);
    return data[0];
  };
  const then = await october('2018-11-30');
  expect(then.records.indicator.lowest).toMatchObject({ isOfAllPresent: true, overtakenBy: null });
  expect(then.assertions).toMatchObject([{ direction: 'RECORD_LOW' }]);
  const later = await october('2018-12-02');
  expect(later.records.indicator.lowest).toMatchObject({ isOfAllPresent: false, overtakenBy: { value: 41 } });
  expect(later.assertions).toMatchObject([{ direction: 'INCREASE' }]);
});

it('holds for assertions and stocks; a stock without a date had been published at no moment', async () => {
  expect((await api.json('/v1/trends?publishedUntil=2018-11-30')).data).toMatchObject([{ direction: 'RECORD_LOW' }]);
  expect((await api.json('/v1/trends?publishedUntil=2018-11-01')).total).toBe(0);
  const { data } = await api.json('/v1/sites?publishedUntil=2018-11-30');
  expect(data).toMatchObject([{ siteRef: 'graves', count: { lo: 200 }, publishedAt: '2018-11-06T00:00:00Z' }]);
  expect((await api.json('/v1/sites')).total).toBe(2);
});

it('gives both sides of a reconciliation as they had been published', async () => {
  const compared = async (query: string): Promise<unknown> => {
    const { data } = await api.json(`/v1/reconciliation?series=${UNAMI_SERIES}&period=2018-10${query}`);
    const [{ official, recorded, residual, policeNonCombat }] = data;
    expect(policeNonCombat).toBe(query.includes('exclude') ? 'exclude' : 'include');
    return [official.lo, recorded.incidents, recorded.together.lo, residual.lo];
  };
  expect(await compared('&publishedUntil=2018-11-02')).toEqual([69, 1, 4, 65]);
  expect(await compared('&publishedUntil=2018-11-30')).toEqual([69, 2, 7, 62]);
  expect(await compared('&publishedUntil=2018-12-01')).toEqual([71, 2, 9, 62]);
  expect(await compared('')).toEqual([71, 2, 9, 62]);
  // What claims give to police is read from the revisions of then: one of each incident is none.
  expect(await compared('&policeNonCombat=exclude&publishedUntil=2018-11-30')).toEqual([69, 2, 2, 67]);
  const answer = await api.get(`/v1/reconciliation?series=${UNAMI_SERIES}&period=2018-10&publishedUntil=2018-10-31`);
  expect([answer.statusCode, answer.json().code]).toEqual([404, 'AGGREGATE_NOT_FOUND']);
  const { data, publishedUntil } = await api.json(
    `/v1/reconciliation?series=${UNAMI_SERIES}&period=2018-10&publishedUntil=2018-11-30`,
  );
  const cutoff = data[0].differences.find(({ code }: Json) => code === 'DATA_CUTOFF');
  expect([publishedUntil, cutoff.detail]).toEqual([
    '2018-11-30T23:59:59.999Z',
    expect.stringContaining('and published by 2018-11-30T23:59:59.999Z'),
  ]);
});

describe('a publication that is recorded after a newer one', () => {
  const december = (asOf: number, day: string) => figures(`from=2018-12-01&asOf=${asOf}&publishedUntil=${day}`);
  const late = (count: number, publishedAt: string) => of('2018-12', count, publishedAt);

  it('is what had been published by then, from its position on, and changes nothing else', async () => {
    const before = await api.record([late(30, '2019-02-01T00:00:00Z')]);
    const after = await api.record([late(32, '2019-01-20T00:00:00Z'), late(33, '2019-01-02T00:00:00Z')]);
    expect(await december(before, '2019-01-31')).toEqual([]);
    expect(await december(after, '2019-01-01')).toEqual([]);
    expect(await december(after, '2019-01-19')).toEqual([['2018-12', 33]]);
    expect(await december(after, '2019-01-31')).toEqual([['2018-12', 32]]);
    expect(await december(after, '2019-02-01')).toEqual([['2018-12', 30]]);
    expect(await figures('from=2018-12-01')).toEqual([['2018-12', 30]]);
  });

  it('is taken back with what stood, and comes back at no moment', async () => {
    const taken = await api.record([
      unami.aggregateWithdrawal(UNAMI_SERIES, { start: '2018-12-01', end: '2018-12-31' }),
    ]);
    const meanwhile = await api.record([late(31, '2019-01-10T00:00:00Z')]);
    const again = await api.record([late(34, '2019-03-01T00:00:00Z')]);
    const older = await api.record([late(35, '2019-01-15T00:00:00Z')]);
    const between = await api.record([late(36, '2019-02-20T00:00:00Z')]);
    for (const position of [taken, meanwhile, again, older, between]) {
      expect(await december(position, '2019-01-31')).toEqual([]);
    }
    expect(await december(older, '2019-02-28')).toEqual([]);
    // Newer than what was taken back, older than what stands since.
    expect(await december(between, '2019-02-28')).toEqual([['2018-12', 36]]);
    expect(await december(between, '2019-03-01')).toEqual([['2018-12', 34]]);
  });

  it('is so for assertions and stocks too', async () => {
    await api.record([
      unami.trend(assertion('DECREASE', '2018-11-10T00:00:00Z')),
      unami.site(graves(201, '2018-11-20T00:00:00Z')),
    ]);
    const trend = async (day: string) => (await api.json(`/v1/trends?publishedUntil=${day}`)).data[0].direction;
    expect(await Promise.all(['2018-11-09', '2018-11-10', '2018-12-01'].map(trend))).toEqual([
      'RECORD_LOW',
      'DECREASE',
      'INCREASE',
    ]);
    const site = async (day: string) => (await api.json(`/v1/sites?publishedUntil=${day}`)).data[0].count.lo;
    expect(await Promise.all(['2018-11-19', '2018-11-20', '2018-12-01'].map(site))).toEqual([200, 201, 202]);
    expect((await api.json('/v1/sites')).data.map(({ count }: Json) => count.lo).toSorted()).toEqual([1, 202]);
  });

  it('does not come back after a second withdrawal of something that has no date', async () => {
    const site = (count: number, publishedAt?: string): Site => ({ ...graves(count, publishedAt), siteRef: 'twice' });
    const told = async (query = ''): Promise<number[]> =>
      (await api.json(`/v1/sites${query}`)).data
        .filter(({ siteRef }: Json) => siteRef === 'twice')
        .map(({ count }: Json) => count.lo);
    await api.record([
      unami.site(site(10, '2018-12-01T00:00:00Z')),
      unami.siteWithdrawal('twice'),
      // Nobody can say whether it is newer.
      unami.site(site(11)),
    ]);
    expect(await told()).toEqual([11]);
    await api.record([unami.siteWithdrawal('twice'), unami.site(site(9, '2018-11-06T00:00:00Z'))]);
    expect([await told(), await told('?publishedUntil=2018-11-30')]).toEqual([[], []]);
    await api.record([unami.site(site(12, '2018-12-02T00:00:00Z'))]);
    expect(await told()).toEqual([12]);
  });

  it('follows from the log: a rebuild and a replay give the same', async () => {
    const { differing } = await rebuild({ pool: api.projection.pool });
    expect(differing).toEqual([]);
    expect(await figures('from=2018-12-01&publishedUntil=2019-02-28')).toEqual([['2018-12', 36]]);
  });
});
