import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { isoSet, type Region } from '#app/geography';
import { type BoundaryStory, startBoundaryStory } from '../../../../test/support/boundary-story.js';

jest.setTimeout(60_000);

let story: BoundaryStory;
beforeAll(async () => {
  story = await startBoundaryStory('only-countries');
});
afterAll(() => story.close());

it('answers with the set of the configuration once that is active, and refuses until then', async () => {
  const areas = isoSet.areas
    .filter(({ level }) => level === 'COUNTRY')
    .map((area: Region) => ({ ...area, shape: null }));
  await story.import({ name: 'only-countries', derivedFrom: null, validFrom: null, validTo: null, areas });
  const early = await story.get('/v1/casualties');
  expect([early.statusCode, early.json().code, early.json().known]).toEqual([422, 'UNKNOWN_BOUNDARY', ['iso-3166']]);
  const activation = await story.activate('only-countries');
  const place = { country: 'IQ', admin: [{ code: 'IQ-NI', authority: 'ISO' }], precision: 'ADM1' as const };
  await story.report({ incident: 1, reportId: 'r1', place });
  const { asOf, total, data } = await story.json('/v1/casualties?groupBy=region:admin1');
  expect([asOf.boundary, total.incidents, data[0].group.region]).toEqual([
    'only-countries',
    1,
    { level: 'admin1', code: null, name: null, placedOnlyTo: 'IQ' },
  ]);
  const chosen = await story.json('/v1/casualties?boundary=iso-3166&region=IQ-NI');
  expect([chosen.asOf.boundary, chosen.total.incidents]).toEqual(['iso-3166', 1]);
  const refused = await story.get('/v1/casualties?region=IQ-NI');
  expect([refused.statusCode, refused.json().code]).toEqual([422, 'UNKNOWN_REGION']);
  const before = await story.get(`/v1/regions?asOf=${activation - 1}`);
  expect([before.statusCode, before.json().code]).toEqual([422, 'UNKNOWN_BOUNDARY']);
});
