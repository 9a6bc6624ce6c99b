import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import type { PublicReport } from '#app/domain';
import { type BoundaryStory, startBoundaryStory } from '../../../test/support/boundary-story.js';
import { halves } from '../../../test/support/halves.js';
import { IncidentStory } from '../../../test/support/incident-story.js';

jest.setTimeout(120_000);

let story: BoundaryStory;
beforeEach(async () => {
  story = await startBoundaryStory();
});
afterEach(() => story.close());

const place: PublicReport['place'] = {
  name: 'there',
  country: 'IQ',
  latitude: 33,
  longitude: 41,
  precision: 'SETTLEMENT',
};
const killed = (lo: number): PublicReport['casualties'] => [
  { measure: 'KILLED', value: { qualifier: 'EXACT', lo, hi: lo } },
];

it('finds an area by its code, whatever country the code looks like', async () => {
  await story.import(halves('halves', { west: 'KW-X', east: 'IQ-E' }));
  await story.activate('halves');
  await story.report({ incident: 1, reportId: 'r1', place, casualties: killed(3) });
  const { total } = await story.json('/v1/casualties?boundary=halves&region=KW-X');
  expect(total).toMatchObject({ incidents: 1, measures: { KILLED: { lo: 3 } } });
  const { total: both } = await story.json('/v1/casualties?boundary=halves&region=KW-X,IQ');
  expect(both).toMatchObject({ incidents: 1, measures: { KILLED: { lo: 3 } } });
});

it('counts what had been published by a moment in every set, also in one that was activated later', async () => {
  const told = { incident: 1, reportId: 'r1', place };
  await story.report({ ...told, revision: 1, publishedAt: '2018-11-09T06:00:00Z', casualties: killed(3) });
  await story.report({ ...told, revision: 3, publishedAt: '2018-11-12T06:00:00Z', casualties: killed(5) });
  await story.report({ ...told, revision: 2, publishedAt: '2018-11-10T18:00:00Z', casualties: killed(4) });
  await story.import(halves('halves', { west: 'WEST', east: 'EAST' }));
  await story.activate('halves');
  await story.placeEarlier();
  await story.import(halves('other', { west: 'LEFT', east: 'RIGHT' }));
  await story.activate('other');
  await story.placeEarlier();
  for (const [boundary, west] of [
    ['iso-3166', null],
    ['halves', 'WEST'],
    ['other', 'LEFT'],
  ]) {
    const until = (day: string) => `/v1/casualties?boundary=${boundary}&publishedUntil=2018-11-${day}`;
    for (const [day, lo] of [
      ['09', 3],
      ['11', 4],
      ['12', 5],
    ] as const) {
      expect((await story.json(until(day))).total).toMatchObject({ incidents: 1, measures: { KILLED: { lo } } });
      if (west === null) continue;
      expect((await story.json(`${until(day)}&region=${west}`)).total.incidents).toBe(1);
    }
  }
});

it('shows a report once, where it was recorded, however many sets have placed it since', async () => {
  const told = { incident: 1, reportId: 'r1', place };
  const position = await story.report({ ...told, revision: 1, casualties: killed(3) });
  await story.report({ ...told, revision: 3, casualties: killed(5) });
  await story.report({ ...told, revision: 2, casualties: killed(4) });
  const { data: listed } = await story.json('/v1/incidents');
  const id: string = listed[0].id;
  const before = (await story.json(`/v1/incidents/${id}`)).sources;
  const explained = (await story.json('/v1/explain')).data[0].figures;
  await story.import(halves('halves', { west: 'WEST', east: 'EAST' }));
  await story.activate('halves');
  await story.placeEarlier();
  const after = (await story.json(`/v1/incidents/${id}`)).sources;
  expect(after[0].position).toBe(position);
  expect(after).toEqual(before);
  expect((await story.json('/v1/explain')).data[0].figures).toEqual(explained);
});

it('is refused until it has placed what was recorded before it, and never answers too low', async () => {
  const first = await story.report({ incident: 1, reportId: 'r1', place, casualties: killed(3) });
  await story.import(halves('halves', { west: 'WEST', east: 'EAST' }));
  const activated = await story.activate('halves');
  await story.report({ incident: 2, reportId: 'r2', place, casualties: killed(5) });
  const reads = ['casualties', 'activity', 'incidents', 'explain', 'changes'];
  for (const read of reads) {
    const refused = await story.get(`/v1/${read}?boundary=halves`);
    expect([read, refused.statusCode, refused.json().code]).toEqual([read, 503, 'BOUNDARY_SET_PLACING']);
    expect(refused.headers['retry-after']).toBe('2');
  }
  expect((await story.json('/v1/casualties')).total.incidents).toBe(2);
  await story.placeEarlier();
  const { total, asOf } = await story.json('/v1/casualties?boundary=halves&region=WEST');
  expect(total).toMatchObject({ incidents: 2, measures: { KILLED: { lo: 8 } } });
  expect((await story.json(`/v1/casualties?boundary=halves&asOf=${asOf.position}`)).total.incidents).toBe(2);
  // What was refused then is refused for ever: an answer as of a position never changes.
  for (const position of [activated, asOf.position - 1]) {
    const refused = await story.get(`/v1/casualties?boundary=halves&asOf=${position}`);
    expect([refused.statusCode, refused.json().code]).toEqual([422, 'UNKNOWN_BOUNDARY']);
  }
  const diff = await story.get(`/v1/diff?boundary=halves&asOfFrom=${activated}`);
  expect([diff.statusCode, diff.json().code]).toEqual([422, 'UNKNOWN_BOUNDARY']);
  expect((await story.json(`/v1/casualties?asOf=${first}`)).total.incidents).toBe(1);
});

it('is refused too where what it has not placed changed after its activation, alone or by a split', async () => {
  await story.report({ incident: 1, reportId: 'r1', place, casualties: killed(3) });
  await story.report({ incident: 1, reportId: 'r2', place, casualties: killed(5) });
  await story.import(halves('halves', { west: 'WEST', east: 'EAST' }));
  await story.activate('halves');
  const steward = new IncidentStory(story.projection.log);
  // They are recorded already: decisions come after them in the stream of the incident.
  for (const reportId of ['r1', 'r2']) steward.report({ incident: 1, reportId });
  const [incident, into] = [steward.id(1), steward.id(2)];
  const decided = await story.projection.log.append([
    steward.decision('IncidentVerified', { incident, grade: 'CONFIRMED' }, { on: [incident] }),
  ]);
  const refused = await story.get('/v1/casualties?boundary=halves');
  expect([refused.statusCode, refused.json().code]).toEqual([503, 'BOUNDARY_SET_PLACING']);
  const reports = [{ source: steward.ceSource, reportId: 'r2' }];
  const ref = { source: steward.ceSource, ref: 'incident-2' };
  const split = await story.projection.log.append([
    steward.decision('IncidentSplit', { incident, into, ref, reports }, { on: [incident, into] }),
    steward.decision('IncidentRetracted', { incident }, { on: [incident] }),
  ]);
  await story.placeEarlier();
  const { total } = await story.json('/v1/casualties?boundary=halves&region=WEST');
  expect(total).toMatchObject({ incidents: 1, measures: { KILLED: { lo: 5 } } });
  for (const position of [decided, split]) {
    const then = await story.get(`/v1/casualties?boundary=halves&asOf=${position}`);
    expect([position, then.statusCode, then.json().code]).toEqual([position, 422, 'UNKNOWN_BOUNDARY']);
  }
});

it('is refused too where what it has not placed counts by a merge under what it has', async () => {
  const steward = new IncidentStory(story.projection.log);
  // One part of the placing is 400 events: all but the last.
  const earlier = Array.from({ length: 399 }, (_, index) => ({ incident: 3, reportId: `r${index}` }));
  const told = [{ incident: 1, reportId: 'early' }, ...earlier, { incident: 2, reportId: 'late' }];
  await story.projection.log.append(told.map((one) => steward.report({ ...one, place, casualties: killed(3) })));
  await story.import(halves('halves', { west: 'WEST', east: 'EAST' }));
  await story.activate('halves');
  await story.placer().placeSome();
  // The placing of it comes before what follows in the stream of the incident.
  steward.report({ incident: 1, reportId: 'early' });
  const [survivor, absorbed] = [steward.id(1), steward.id(2)];
  await story.projection.log.append([
    steward.withdrawal(1, 'early'),
    steward.decision('IncidentsMerged', { survivor, absorbed: [absorbed] }, { on: [survivor, absorbed] }),
  ]);
  expect((await story.get('/v1/casualties?boundary=halves')).statusCode).toBe(503);
  await story.placeEarlier();
  const { total } = await story.json('/v1/casualties?boundary=halves&region=WEST');
  expect(total).toMatchObject({ incidents: 2, measures: { KILLED: { lo: 6 } } });
});
