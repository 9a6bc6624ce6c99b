import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Site } from '#app/domain';
import { randomOf } from '../support/incident-story.js';
import { OfficialStory } from '../support/official-story.js';
import { type Json, startQueryApi, type TestQueryApi } from '../support/query-api.js';
import { exact } from '../support/unami.js';
import { VariedStory } from '../support/varied-story.js';

jest.setTimeout(120_000);

/** V5: the UN's report of 2018-11-06 on 202 mass graves of the years 2014 to 2017. */
const GRAVES: Site = {
  siteRef: 'unearthing-atrocities-2018',
  kind: 'MASS_GRAVE',
  count: exact(202),
  area: { code: 'IQ' },
  breakdown: (
    [
      ['IQG15', 95],
      ['IQG13', 37],
      ['IQG16', 36],
      ['IQG01', 24],
    ] as const
  ).map(([code, count]) => ({ area: { code }, value: exact(count) })),
  victims: { qualifier: 'BETWEEN', lo: 6000, hi: 12_000 },
  bodiesExhumed: exact(1258),
  eventPeriod: { start: '2014-06-01', end: '2017-12-31' },
  discovered: '2018-11-06',
  publishedAt: '2018-11-06T00:00:00Z',
  publisher: { name: 'UNAMI/OHCHR', kind: 'UN' },
  source: { name: 'BBC', kind: 'MEDIA_INTERNATIONAL', url: 'https://www.bbc.co.uk/news/world-middle-east-46108248' },
};

describe('V5: mass graves', () => {
  let api: TestQueryApi;
  let story: OfficialStory;
  let before: Json;
  const flow = '/v1/casualties?groupBy=month&limit=10000';
  const activity = '/v1/activity?interval=month&limit=10000';
  beforeAll(async () => {
    api = await startQueryApi();
    await api.record(new VariedStory(api.projection.log, randomOf(5)).events(120));
    before = { flow: await api.json(flow), activity: await api.json(activity) };
    story = new OfficialStory(api.projection.log, 'https://ohchr.example');
    await api.record([story.site(GRAVES)]);
  });
  afterAll(() => api?.close());

  it('are a stock: 202 sites, 10 of them in no governorate that is named, 6,000 to 12,000 victims', async () => {
    const { data, total } = await api.json('/v1/sites');
    expect(total).toBe(1);
    expect(data[0]).toMatchObject({
      kind: 'MASS_GRAVE',
      count: { lo: 202, hi: 202 },
      unallocated: { lo: 10, hi: 10, flags: [] },
      victims: { lo: 6000, hi: 12_000 },
      bodiesExhumed: { lo: 1258, hi: 1258 },
      eventPeriod: { start: '2014-06-01', end: '2017-12-31' },
      discovered: '2018-11-06',
      url: 'https://www.bbc.co.uk/news/world-middle-east-46108248',
    });
    expect(data[0].breakdown.map(({ area, value }: Json) => [area.region, value.lo])).toEqual([
      ['IQ-NI', 95],
      ['IQ-KI', 37],
      ['IQ-SD', 36],
      ['IQ-AN', 24],
    ]);
    expect((await api.json('/v1/sites?region=IQ-KI')).total).toBe(1);
    expect((await api.json('/v1/sites?region=IQ-BA')).total).toBe(0);
  });

  it('are in the long form a row for the whole, for each area and for what is left over', async () => {
    const { body } = await api.get('/v1/sites?format=csv');
    const rows = body.split('\r\n').map((line) => line.split(','));
    expect(rows.slice(1, -1).map((row) => [row[4], row[5], row[7], row[9]])).toEqual([
      ['TOTAL', 'IQ', '202', '6000'],
      ['AREA', 'IQ-NI', '95', ''],
      ['AREA', 'IQ-KI', '37', ''],
      ['AREA', 'IQ-SD', '36', ''],
      ['AREA', 'IQ-AN', '24', ''],
      ['UNALLOCATED', 'IQ', '10', ''],
    ]);
  });

  it('change no figure of any month', async () => {
    for (const [name, url] of Object.entries({ flow, activity })) {
      const { asOf, ...after } = await api.json(url);
      const { asOf: then, ...figures } = before[name];
      expect(asOf.position).toBe(then.position + 1);
      expect(after).toEqual(figures);
    }
  });

  it('are replaced by a newer count, and go with their withdrawal', async () => {
    const later = { publishedAt: '2020-02-01T00:00:00Z', count: exact(210) };
    const revised = await api.record([story.site({ ...GRAVES, ...later }), story.site(GRAVES)]);
    expect((await api.json('/v1/sites')).data[0]).toMatchObject({ count: { lo: 210 }, unallocated: { lo: 18 } });
    await api.record([story.siteWithdrawal(GRAVES.siteRef)]);
    expect((await api.json('/v1/sites')).total).toBe(0);
    expect((await api.json(`/v1/sites?asOf=${revised}`)).data[0].count.lo).toBe(210);
  });
});
