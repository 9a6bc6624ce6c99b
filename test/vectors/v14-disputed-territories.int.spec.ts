import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { type BoundaryStory, startBoundaryStory } from '../support/boundary-story.js';

jest.setTimeout(120_000);

/** V14, the part about the region: what happens in disputed territories is found by `region=x-iq-disputed`, on a first run. */
let story: BoundaryStory;
beforeAll(async () => {
  story = await startBoundaryStory();
  const admin = (name: string, level: number) => [{ name, level, authority: 'PRESS' }];
  const places = {
    'the governorate of Kirkuk': { country: 'IQ', admin: [{ code: 'IQ-KI', authority: 'ISO' }], precision: 'ADM1' },
    'a village near Makhmur': { country: 'IQ', admin: admin('Makhmur', 2), precision: 'ADM2' },
    'Shingal by its Kurdish name': { country: 'IQ', admin: admin('شنگال', 2), precision: 'ADM2' },
    Khanaqin: { country: 'IQ', admin: [{ code: 'IQG10Q05', authority: 'COD-AB' }], precision: 'SETTLEMENT' },
    'somewhere in Ninewa': { country: 'IQ', admin: admin('Nineveh', 1), precision: 'ADM1' },
    Mosul: { country: 'IQ', admin: [{ code: 'IQG15Q05', authority: 'COD-AB' }], precision: 'SETTLEMENT' },
    'a district known only to lie in Diyala': { country: 'IQ', admin: admin('Baquba', 2), precision: 'ADM2' },
    Iraq: { country: 'IQ', precision: 'COUNTRY' },
  } as const;
  let incident = 0;
  for (const [reportId, place] of Object.entries(places)) {
    incident += 1;
    await story.report({
      incident,
      reportId,
      place: { name: reportId, ...place, ...('admin' in place ? { admin: [...place.admin] } : {}) } as never,
    });
  }
});
afterAll(() => story.close());

it('the region group holds the governorate of Kirkuk and the disputed districts, and nothing that is known less finely', async () => {
  const { data } = await story.json('/v1/incidents?region=x-iq-disputed');
  expect(data.map(({ ref }: { ref: string }) => ref).toSorted()).toEqual([
    'incident-1',
    'incident-2',
    'incident-3',
    'incident-4',
  ]);
  const { total } = await story.json('/v1/casualties?region=x-iq-disputed');
  expect(total.incidents).toBe(4);
  expect((await story.json('/v1/casualties?region=X-IQ-DISPUTED,IQ-NI')).total.incidents).toBe(6);
  const unknown = await story.get('/v1/casualties?region=x-iq-other');
  expect([unknown.statusCode, unknown.json().code]).toEqual([422, 'UNKNOWN_REGION']);
});

it('the group and its areas are in the gazetteer, with the claims', async () => {
  const group = await story.json('/v1/regions/x-iq-disputed');
  expect(group).toMatchObject({ level: 'GROUP', country: 'IQ', parent: 'IQ' });
  const members = group.members.map(({ code }: { code: string }) => code);
  expect(members).toEqual(
    expect.arrayContaining(['IQ-KI', 'IQG11Q04', 'IQG15Q07', 'IQG15Q08', 'IQG16Q07', 'IQG10Q05', 'IQG10Q06']),
  );
  const sinjar = await story.json('/v1/regions/Shingal');
  expect(sinjar).toMatchObject({ code: 'IQG15Q07', parent: 'IQ-NI' });
  expect(sinjar.disputedClaims[0]).toMatchObject({ claimant: 'Kurdistan Regional Government', parent: 'IQ-KR' });
  const mount = await story.json('/v1/regions?q=qarachukh');
  expect(mount.data).toMatchObject([{ level: 'PLACE', parent: 'IQG11Q04' }]);
  const place = await story.get('/v1/casualties?region=Qarachukh');
  expect([place.statusCode, place.json().detail]).toEqual([422, expect.stringContaining('it lies in IQG11Q04')]);
});
