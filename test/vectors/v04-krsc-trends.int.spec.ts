import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Trend } from '#app/domain';
import { randomOf } from '../support/incident-story.js';
import { OfficialStory } from '../support/official-story.js';
import { type Json, startQueryApi, type TestQueryApi } from '../support/query-api.js';
import { VariedStory } from '../support/varied-story.js';

jest.setTimeout(120_000);

/**
 * V4: the Kurdistan Region Security Council on October 2018: re-emergence of car bombs in Kirkuk and Mosul; assassinations
 * of village leaders and attacks on the grid persistent in disputed territories. It gave no numbers.
 */
const krsc = (trendId: string, over: Partial<Trend>): Trend => ({
  trendId,
  metric: 'VBIED_ATTACKS',
  direction: 'RE_EMERGENCE',
  areas: [{ code: 'IQG13' }, { name: 'Mosul' }],
  period: { start: '2018-10-01', end: '2018-10-31' },
  publisher: { name: 'Kurdistan Region Security Council', kind: 'STATE_CIVIL' },
  publishedAt: '2018-11-09T00:00:00Z',
  magnitude: null,
  source: { name: 'Kurdistan 24', kind: 'MEDIA_NATIONAL', url: 'https://k24.example/krsc' },
  ...over,
});
const disputed: Trend['areas'] = [{ code: 'x-iq-disputed', name: 'contested areas' }];
const TRENDS = [
  krsc('krsc-2018-10-vbied', {}),
  krsc('krsc-2018-10-mukhtars', {
    metric: 'ASSASSINATIONS_OF_COMMUNITY_LEADERS',
    direction: 'PERSISTENT',
    areas: disputed,
  }),
  krsc('krsc-2018-10-grid', { metric: 'ATTACKS_ON_POWER_GRID', direction: 'PERSISTENT', areas: disputed }),
];

describe('V4: assertions of the KRSC', () => {
  let api: TestQueryApi;
  let story: OfficialStory;
  let figures: Json;
  const everything = '/v1/casualties?groupBy=month,region:admin1&limit=10000';
  beforeAll(async () => {
    api = await startQueryApi();
    await api.record(new VariedStory(api.projection.log, randomOf(3)).events(120));
    figures = await api.json(everything);
    story = new OfficialStory(api.projection.log, 'https://krsc.example');
    await api.record(TRENDS.map((trend) => story.trend(trend)));
  });
  afterAll(() => api?.close());

  it('are stored with what they say and no number', async () => {
    const { data, total } = await api.json(
      '/v1/trends?publisher=Kurdistan Region Security Council'.replaceAll(' ', '%20'),
    );
    expect(total).toBe(3);
    expect(data.map(({ metric, direction, magnitude }: Json) => [metric, direction, magnitude])).toEqual([
      ['ATTACKS_ON_POWER_GRID', 'PERSISTENT', null],
      ['ASSASSINATIONS_OF_COMMUNITY_LEADERS', 'PERSISTENT', null],
      ['VBIED_ATTACKS', 'RE_EMERGENCE', null],
    ]);
    expect(data[2]).toMatchObject({
      areas: [
        { code: 'IQG13', region: 'IQ-KI' },
        { code: null, region: null, givenName: 'Mosul' },
      ],
      speaker: { name: 'Kurdistan Region Security Council', kind: 'STATE_CIVIL' },
      url: 'https://k24.example/krsc',
    });
  });

  it('are found by metric, direction, period and area', async () => {
    const found = async (query: string): Promise<string[]> =>
      (await api.json(`/v1/trends?${query}`)).data.map(({ trendId }: Json) => trendId);
    expect(await found('metric=ATTACKS_ON_POWER_GRID')).toEqual(['krsc-2018-10-grid']);
    expect(await found('direction=RE_EMERGENCE')).toEqual(['krsc-2018-10-vbied']);
    expect(await found('region=IQ-KI&metric=VBIED_ATTACKS')).toEqual(['krsc-2018-10-vbied']);
    expect(await found('region=x-iq-disputed&direction=PERSISTENT')).toEqual([
      'krsc-2018-10-grid',
      'krsc-2018-10-mukhtars',
    ]);
    expect(await found('region=IQ-BA')).toEqual([]);
    expect(await found('from=2018-11-01')).toEqual([]);
    expect(await found('from=2018-10-15&to=2018-10-15')).toHaveLength(3);
  });

  it('change no figure', async () => {
    const { asOf, ...rest } = await api.json(everything);
    const { asOf: before, ...figuresBefore } = figures;
    expect(asOf.position).toBe(before.position + TRENDS.length);
    expect(rest).toEqual(figuresBefore);
  });

  it('go with their withdrawal, and stand before it', async () => {
    const position = await api.record([story.trendWithdrawal('krsc-2018-10-grid')]);
    expect((await api.json('/v1/trends')).total).toBe(2);
    expect((await api.json(`/v1/trends?asOf=${position - 1}`)).total).toBe(3);
  });
});
