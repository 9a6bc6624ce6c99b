import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { Report } from '#app/domain';
import { type Json, startQueryApi, type TestQueryApi } from '../support/query-api.js';
import { VariedStory } from '../support/varied-story.js';

jest.setTimeout(120_000);

/** V13: the second VBIED in less than a week in Mosul, by two incidents of November 2018. */
const DESK = 'https://desk.example/';
const VBIED = [{ type: 'IED', delivery: 'VBIED' }];

let api: TestQueryApi;
let story: VariedStory;
beforeAll(async () => {
  api = await startQueryApi();
  story = new VariedStory(api.projection.log, () => 0);
});
afterAll(() => api.close());

function report(ref: string, reportId: string, day: string, over: Partial<Report> = {}): Report {
  return {
    reportId,
    revision: 1,
    incident: { ref },
    publishedAt: `${day}T18:00:00Z`,
    source: { name: reportId, kind: 'MEDIA_LOCAL' },
    occurred: { start: day, end: day, precision: 'DAY' },
    place: {
      name: 'Mosul',
      country: 'IQ',
      admin: [{ code: 'IQG15Q05', authority: 'COD-AB' }],
      latitude: 36.34,
      longitude: 43.13,
      precision: 'SETTLEMENT',
    },
    classification: { incidentType: 'IED_ATTACK', weapons: VBIED },
    casualties: [{ measure: 'KILLED', value: { qualifier: 'EXACT', lo: 3, hi: 3 } }],
    ...over,
  };
}

const ASKED = '/v1/activity?interval=week&weapon=VBIED&region=IQG15Q05&from=2018-10-29&to=2018-11-11';

it('shows both in one week, and a third report on the first one adds none', async () => {
  await api.record([
    // One of another weapon, one elsewhere, and one two weeks before, so that there is something to compare with.
    story.report(DESK, report('mortar', 'mortar-1', '2018-11-09', { classification: { incidentType: 'ARMED_CLASH' } })),
    story.report(
      DESK,
      report('kirkuk', 'kirkuk-1', '2018-11-06', {
        place: { name: 'Kirkuk', country: 'IQ', admin: [{ code: 'IQ-KI', authority: 'ISO' }], precision: 'ADM1' },
      }),
    ),
    story.report(DESK, report('october', 'october-1', '2018-10-23')),
    story.report(DESK, report('first', 'first-1', '2018-11-05')),
    story.report(DESK, report('second', 'second-1', '2018-11-08')),
  ]);
  const before = await api.json(ASKED);
  expect(before.data.map(({ period, incidents }: Json) => [period, incidents])).toEqual([
    ['2018-W44', 0],
    ['2018-W45', 2],
  ]);
  expect(before.data[1]).toMatchObject({
    change: { absolute: 2, percent: null },
    trailingMean: { periods: 2, mean: 0.5, difference: 1.5 },
    record: { kind: 'highest', since: null },
  });

  const position = await api.record([story.report(DESK, report('first', 'first-2', '2018-11-05'))]);
  const after = await api.json(ASKED);
  expect(after.asOf.position).toBe(position);
  expect(after.data).toEqual(before.data);
  expect(after.incidents).toBe(2);
});

it('an incident that is dated only to the month is in no week, and said to be so', async () => {
  const occurred = { start: '2018-11-01', end: '2018-11-30', precision: 'MONTH' as const };
  await api.record([story.report(DESK, report('vague', 'vague-1', '2018-11-09', { occurred }))]);
  const weeks = await api.json(ASKED);
  expect(weeks.data.map(({ period, incidents, datedOnlyTo }: Json) => [period, incidents, datedOnlyTo.month])).toEqual([
    ['2018-W44', 0, 0],
    ['2018-W45', 2, 0],
    [null, 1, 1],
  ]);
  expect(weeks.placedOnlyToLongerPeriods).toBe(1);
  const months = await api.json(ASKED.replace('interval=week', 'interval=month'));
  expect(months.data.at(-1)).toMatchObject({ period: '2018-11', incidents: 3, datedOnlyTo: { month: null, year: 0 } });
});

it('an incident that is dated only to the year counts in the month in which it begins, and that month says so', async () => {
  const occurred = { start: '2018-01-01', end: '2018-12-31', precision: 'YEAR' as const };
  await api.record([story.report(DESK, report('some-time', 'some-time-1', '2018-11-09', { occurred }))]);
  const { data, total } = await api.json('/v1/casualties?weapon=VBIED&groupBy=month&to=2018-10-31');
  const shown = data.map(({ group, incidents, datedOnlyTo }: Json) => [group.period.key, incidents, datedOnlyTo.year]);
  expect(shown).toEqual([
    ['2018-01', 1, 1],
    ['2018-10', 1, 0],
  ]);
  expect(total.datedOnlyTo).toEqual({ week: null, month: null, year: 1 });
  // The same from the balances, which know no precisions.
  const plain = await api.json('/v1/casualties?groupBy=month&to=2018-10-31');
  expect(plain.data.map(({ datedOnlyTo }: Json) => datedOnlyTo.year)).toEqual([1, 0]);
});
