import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import type { PublicReport } from '#app/domain';
import type { BoundarySetContent } from '#app/gazetteer';
import { encodeShape, type Region } from '#app/geography';
import { type BoundaryStory, startBoundaryStory } from '../../../test/support/boundary-story.js';

jest.setTimeout(120_000);

let story: BoundaryStory;
beforeEach(async () => {
  story = await startBoundaryStory();
});
afterEach(() => story.close());

const box = (west: number, east: number) =>
  encodeShape({
    type: 'Polygon',
    coordinates: [
      [
        [west, 30],
        [east, 30],
        [east, 38],
        [west, 38],
        [west, 30],
      ],
    ],
  });
const area = (code: string, level: Region['level'], parent: string | null, shape: string | null) => ({
  code,
  level,
  name: code,
  names: [code],
  parent,
  country: 'IQ',
  codes: [],
  claims: [],
  shape,
});

function halves(name: string, west: string, east: string): BoundarySetContent {
  const areas = [
    area('IQ', 'COUNTRY', null, null),
    area(west, 'ADMIN1', 'IQ', box(38, 43.5)),
    area(east, 'ADMIN1', 'IQ', box(43.5, 49)),
  ];
  return { name, derivedFrom: null, validFrom: null, validTo: null, areas };
}

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
  await story.import(halves('halves', 'KW-X', 'IQ-E'));
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
  await story.import(halves('halves', 'WEST', 'EAST'));
  await story.activate('halves');
  await story.placeEarlier();
  await story.import(halves('other', 'LEFT', 'RIGHT'));
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
  await story.import(halves('halves', 'WEST', 'EAST'));
  await story.activate('halves');
  await story.placeEarlier();
  const after = (await story.json(`/v1/incidents/${id}`)).sources;
  expect(after[0].position).toBe(position);
  expect(after).toEqual(before);
  expect((await story.json('/v1/explain')).data[0].figures).toEqual(explained);
});
