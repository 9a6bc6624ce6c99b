import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { OfficialStory } from '../support/official-story.js';
import { startQueryApi, type TestQueryApi } from '../support/query-api.js';
import { UNAMI_SERIES, UNAMI_SOURCE, unamiFigure } from '../support/unami.js';

jest.setTimeout(120_000);

/** V15: Ján Kubiš, who heads UNAMI, calls the figures of October 2018 "a positive indicator". */
describe('V15: Kubiš on the October figures', () => {
  let api: TestQueryApi;
  beforeAll(async () => {
    api = await startQueryApi();
    const story = new OfficialStory(api.projection.log, UNAMI_SOURCE);
    await api.record([
      story.aggregate(unamiFigure('2018-10', 'KILLED', 69)),
      story.trend({
        trendId: 'kubis-2018-10',
        metric: 'CIVILIAN_CASUALTIES',
        direction: 'DECREASE',
        areas: [{ code: 'IRQ' }],
        period: { start: '2018-10-01', end: '2018-10-31' },
        publisher: { name: 'UNAMI', kind: 'UN' },
        by: { name: 'Ján Kubiš', kind: 'UN' },
        publishedAt: '2018-11-02T00:00:00Z',
      }),
    ]);
  });
  afterAll(() => api?.close());

  it('is an assertion with its speaker, and no number is invented', async () => {
    const { data } = await api.json('/v1/trends');
    expect(data).toHaveLength(1);
    expect(data[0]).toMatchObject({
      direction: 'DECREASE',
      since: null,
      magnitude: null,
      speaker: { name: 'Ján Kubiš', kind: 'UN' },
      publisher: { name: 'UNAMI', kind: 'UN' },
      areas: [{ code: 'IRQ', region: 'IQ' }],
    });
  });

  it('stands beside the figure that it is about', async () => {
    const { data } = await api.json(`/v1/aggregates?series=${UNAMI_SERIES}`);
    expect(data[0].assertions).toMatchObject([
      { trendId: 'kubis-2018-10', speaker: { name: 'Ján Kubiš' }, magnitude: null },
    ]);
    expect(data[0]).toMatchObject({ value: { lo: 69, hi: 69 }, records: { killedAndInjured: null } });
    const { data: compared } = await api.json(`/v1/reconciliation?series=${UNAMI_SERIES}&period=2018-10`);
    expect(compared[0].assertions).toEqual(data[0].assertions);
  });
});
