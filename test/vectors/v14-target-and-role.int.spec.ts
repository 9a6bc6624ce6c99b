import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { Report } from '#app/domain';
import { type Json, startQueryApi, type TestQueryApi } from '../support/query-api.js';
import { VariedStory } from '../support/varied-story.js';

jest.setTimeout(120_000);

/** V14, the part about target and role: an attack on the electrical grid, and a village leader shot. */
const DESK = 'https://desk.example/';

let api: TestQueryApi;
beforeAll(async () => {
  api = await startQueryApi();
  const story = new VariedStory(api.projection.log, () => 0);
  await api.record([
    story.report(
      DESK,
      report('grid', {
        place: inDistrict('power lines near Khanaqin', 'IQG10Q05'),
        classification: { incidentType: 'INFRASTRUCTURE_ATTACK', targets: ['POWER_GRID'] },
        casualties: [
          { measure: 'KILLED', value: { qualifier: 'NONE_REPORTED' } },
          { measure: 'INJURED', value: { qualifier: 'NONE_REPORTED' } },
        ],
      }),
    ),
    story.report(
      DESK,
      report('leader', {
        place: inDistrict('a village near Makhmur', 'IQG11Q04'),
        classification: { incidentType: 'ASSASSINATION', targets: ['COMMUNITY_LEADER'] },
        casualties: [
          { measure: 'KILLED', value: { qualifier: 'EXACT', lo: 1, hi: 1 } },
          {
            measure: 'KILLED',
            status: 'CIVILIAN',
            role: 'COMMUNITY_LEADER',
            value: { qualifier: 'EXACT', lo: 1, hi: 1 },
          },
        ],
      }),
    ),
    // Neither: a bomb on a business in the same district, and the grid of a place that nobody disputes.
    story.report(
      DESK,
      report('business', {
        place: inDistrict('Khanaqin', 'IQG10Q05'),
        classification: { incidentType: 'IED_ATTACK', targets: ['BUSINESS'] },
      }),
    ),
    story.report(
      DESK,
      report('far-grid', {
        place: inDistrict('Mosul', 'IQG15Q05'),
        classification: { incidentType: 'INFRASTRUCTURE_ATTACK', targets: ['POWER_GRID'] },
        casualties: [],
      }),
    ),
  ]);
});
afterAll(() => api.close());

function report(ref: string, over: Pick<Report, 'place' | 'classification'> & Partial<Report>): Report {
  return {
    reportId: `${ref}-1`,
    revision: 1,
    incident: { ref },
    publishedAt: '2018-11-05T18:00:00Z',
    source: { name: 'Kirkuk Now', kind: 'MEDIA_LOCAL' },
    occurred: { start: '2018-11-05', end: '2018-11-05', precision: 'DAY' },
    casualties: [{ measure: 'KILLED', value: { qualifier: 'EXACT', lo: 2, hi: 2 } }],
    ...over,
  };
}

function inDistrict(name: string, code: string): Report['place'] {
  return { name, country: 'IQ', admin: [{ code, authority: 'COD-AB' }], precision: 'NEAR_SETTLEMENT' };
}

it.each([
  ['target=POWER_GRID', ['far-grid', 'grid']],
  ['target=POWER_GRID&region=x-iq-disputed', ['grid']],
  ['incidentType=INFRASTRUCTURE_ATTACK&region=x-iq-disputed', ['grid']],
  ['role=COMMUNITY_LEADER', ['leader']],
  ['role=COMMUNITY_LEADER&region=x-iq-disputed', ['leader']],
  ['target=COMMUNITY_LEADER&region=x-iq-disputed', ['leader']],
  ['region=x-iq-disputed', ['business', 'grid', 'leader']],
  ['target=POWER_GRID&role=COMMUNITY_LEADER', []],
])('%s finds %j, in lists and in figures', async (query, refs) => {
  const { data } = await api.json(`/v1/incidents?${query}`);
  expect(data.map(({ ref }: Json) => ref).toSorted()).toEqual(refs);
  expect((await api.json(`/v1/casualties?${query}`)).total.incidents).toBe(refs.length);
});

it('the grid counts as an incident in which nobody is reported killed: neither silent nor unknown', async () => {
  const { total } = await api.json('/v1/casualties?target=POWER_GRID&region=x-iq-disputed');
  expect(total).toMatchObject({
    incidents: 1,
    measures: { KILLED: { lo: 0, openIncidents: 0, unknownIncidents: 0, silentIncidents: 0 } },
  });
  const both = await api.json('/v1/casualties?target=POWER_GRID');
  expect(both.total.measures.KILLED).toMatchObject({ lo: 0, silentIncidents: 1 });
});

it('the village leader is shown by target and role, and counts once', async () => {
  const { data } = await api.json('/v1/incidents?role=COMMUNITY_LEADER');
  expect(data[0]).toMatchObject({ ref: 'leader', targets: ['COMMUNITY_LEADER'], roles: ['COMMUNITY_LEADER'] });
  const { total } = await api.json('/v1/casualties?role=COMMUNITY_LEADER');
  expect(total.measures.KILLED).toMatchObject({ lo: 1, hi: 1 });
  const { sources } = await api.json(`/v1/incidents/${data[0].id}`);
  expect(sources[0].claims.map(({ status, role }: Json) => [status, role])).toEqual([
    [null, null],
    ['CIVILIAN', 'COMMUNITY_LEADER'],
  ]);
});
