import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { IncidentStory } from '../../../../test/support/incident-story.js';
import { type Json, startQueryApi, type TestQueryApi } from '../../../../test/support/query-api.js';

jest.setTimeout(60_000);

let api: TestQueryApi;
let story: IncidentStory;
let copied: number;
beforeAll(async () => {
  api = await startQueryApi();
  story = new IncidentStory(api.projection.log);
  copied = await api.record([
    story.report({ incident: 1, reportId: 'leaves', country: 'IQ' }),
    story.report({ incident: 2, reportId: 'stays', country: 'IQ' }),
    story.report({ incident: 3, reportId: 'comes', country: 'SY' }),
    story.report({ incident: 4, reportId: 'is elsewhere', country: 'SY' }),
    story.report({ incident: 5, reportId: 'is not touched', country: 'IQ' }),
    story.report({ incident: 6, reportId: 'is dated anew', country: 'IQ' }),
    story.report({ incident: 7, reportId: 'moves', ...at(36.3) }),
  ]);
  await api.record([
    story.report({ incident: 1, reportId: 'leaves', revision: 2, country: 'SY' }),
    story.report({ incident: 2, reportId: 'stays', revision: 2, country: 'IQ', incidentType: 'AIR_STRIKE' }),
    story.report({ incident: 3, reportId: 'comes', revision: 2, country: 'IQ' }),
    story.report({ incident: 4, reportId: 'is elsewhere', revision: 2, country: 'SY', incidentType: 'AIR_STRIKE' }),
    story.report({ incident: 6, reportId: 'is dated anew', revision: 2, country: 'IQ', date: '2019-01-01' }),
    story.report({ incident: 7, reportId: 'moves', revision: 2, ...at(33.3) }),
  ]);
});
afterAll(() => api?.close());

function at(latitude: number) {
  const precision = 'SETTLEMENT' as const;
  const placement = { country: 'IQ', admin1: null, admin2: null, admin3: null, precision };
  const place = { name: 'a town', country: 'IQ', latitude, longitude: 43.1, precision };
  return { place, placements: { 'iso-3166': placement } };
}

it.each([
  ['region=IQ', [1, 2, 3, 6, 7]],
  ['region=SY', [1, 3, 4]],
  ['incidentType=IED_ATTACK', [1, 2, 3, 4, 6, 7]],
  ['region=IQ&to=2018-12-31', [1, 2, 3, 6, 7]],
  ['from=2019-01-01', [6]],
  ['bbox=43,36,44,37', [7]],
  ['', [1, 2, 3, 4, 6, 7]],
])('a follower of %s hears of what left it, with the state in which it is now', async (filter, expected) => {
  const { data, total } = await api.json(`/v1/incidents?changedSince=${copied}&limit=3&${filter}`);
  const pages = await api.pages(`/v1/incidents?changedSince=${copied}&limit=2&${filter}`);
  const told = pages.flatMap((page) => page.data as Json[]).map(({ id }) => id as string);
  expect(told.toSorted()).toEqual(expected.map((incident) => story.id(incident)).toSorted());
  expect([data.length, total]).toEqual([Math.min(3, expected.length), expected.length]);
});
