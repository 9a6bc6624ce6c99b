import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { Report } from '#app/domain';
import { incidentIdOf } from '#app/log';
import { type Json, startQueryApi, type TestQueryApi } from '../support/query-api.js';
import { VariedStory } from '../support/varied-story.js';

jest.setTimeout(120_000);

/**
 * V16: claims recorded today about 2018. `publishedUntil=2018-11-09` gives what had been published by then;
 * `asOf=2018-11-09` is before the log and is refused, not zero.
 */
const DESK = 'https://desk.example/';
let api: TestQueryApi;

function claim(reportId: string, publishedAt: string, [killed, injured]: [number, number], revision = 1): Report {
  return {
    reportId,
    revision,
    incident: { ref: 'abu-layla' },
    publishedAt,
    source: { name: reportId, kind: 'MEDIA_NATIONAL' },
    occurred: { start: '2018-11-08', end: '2018-11-08', precision: 'DAY' },
    place: { name: 'Mosul', country: 'IQ', admin: [{ code: 'IQ-NI', authority: 'ISO' }], precision: 'SETTLEMENT' },
    classification: { incidentType: 'IED_ATTACK', weapons: [{ type: 'IED', delivery: 'VBIED' }] },
    casualties: [
      { measure: 'KILLED', value: { qualifier: 'EXACT', lo: killed, hi: killed } },
      { measure: 'INJURED', value: { qualifier: 'EXACT', lo: injured, hi: injured } },
    ],
  };
}

beforeAll(async () => {
  api = await startQueryApi();
  const story = new VariedStory(api.projection.log, () => 0);
  await api.record([
    story.report(DESK, claim('ministry', '2018-11-08T19:10:00Z', [2, 11])),
    story.report(DESK, claim('afp', '2018-11-08T20:05:00Z', [3, 12])),
    // Told in the wrong order: the second revision is recorded before the first one.
    story.report(DESK, claim('hospital', '2018-11-12T08:00:00Z', [6, 20], 2)),
    story.report(DESK, claim('hospital', '2018-11-09T23:59:00Z', [5, 14], 1)),
    story.report(DESK, { ...claim('later', '2018-11-20T08:00:00Z', [1, 1]), incident: { ref: 'told-later' } }),
  ]);
});
afterAll(() => api.close());

const intervals = ({ total }: Json): unknown => {
  const { KILLED, INJURED } = total.measures;
  return [total.incidents, KILLED.lo, KILLED.hi, INJURED.lo, INJURED.hi];
};

it('gives what had been published by then, revision by revision', async () => {
  const at = async (until: string): Promise<unknown> =>
    intervals(await api.json(`/v1/casualties?region=IQ-NI&publishedUntil=${until}`));
  expect(await at('2018-11-07')).toEqual([0, 0, 0, 0, 0]);
  expect(await at('2018-11-08T19:30:00Z')).toEqual([1, 2, 2, 11, 11]);
  expect(await at('2018-11-08')).toEqual([1, 2, 3, 11, 12]);
  expect(await at('2018-11-09')).toEqual([1, 2, 5, 11, 14]);
  expect(await at('2018-11-12')).toEqual([1, 2, 6, 11, 20]);
  expect(intervals(await api.json('/v1/casualties?region=IQ-NI'))).toEqual([2, 3, 7, 12, 21]);
});

it('holds in lists, activity, details and explanations, and together with asOf', async () => {
  const until = 'publishedUntil=2018-11-09';
  const list = await api.json(`/v1/incidents?${until}`);
  expect([list.total, list.data.length, list.publishedUntil]).toEqual([1, 1, '2018-11-09T23:59:59.999Z']);
  expect((await api.json(`/v1/activity?${until}`)).incidents).toBe(1);
  const id = incidentIdOf(DESK, 'abu-layla');
  const detail = await api.json(`/v1/incidents/${id}?${until}`);
  expect(detail.sources.map(({ reportId, revision }: Json) => [reportId, revision])).toEqual([
    ['ministry', 1],
    ['afp', 1],
    ['hospital', 1],
  ]);
  expect(detail.figures[0]).toMatchObject({ measure: 'KILLED', lo: 2, hi: 5 });
  expect((await api.get(`/v1/incidents/${incidentIdOf(DESK, 'told-later')}?${until}`)).statusCode).toBe(404);
  const { data } = await api.json(`/v1/explain?${until}&measure=KILLED`);
  expect(data[0].figures[0].claims.map(({ state, report }: Json) => [state, report.reportId])).toEqual([
    ['STANDS', 'ministry'],
    ['STANDS', 'afp'],
    ['STANDS', 'hospital'],
  ]);
  // As of the position at which only the ministry's report was recorded.
  expect(intervals(await api.json(`/v1/casualties?${until}&asOf=4`))).toEqual([1, 2, 2, 11, 11]);
});

it('asOf before the log is refused', async () => {
  const answer = await api.get('/v1/casualties?asOf=2018-11-09');
  expect([answer.statusCode, answer.json().code]).toEqual([422, 'AS_OF_OUT_OF_RANGE']);
});
