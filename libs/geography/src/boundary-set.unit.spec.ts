import type { Place } from '#app/domain';
import { BoundarySet, encodeShape, isoSet, placeIn, placeInSets, type Region } from '#app/geography';
import { boxOf, decodeShape, ShapeError } from './shapes.js';

const ring = (west: number, south: number, east: number, north: number) => [
  [west, south],
  [east, south],
  [east, north],
  [west, north],
  [west, south],
];

type Named = Pick<Region, 'code' | 'level' | 'parent'> & Partial<Region>;

function area({ code, names = [code], ...more }: Named): Region {
  return { code, name: names[0] as string, names, country: 'IQ', codes: [], ...more };
}

/** Two governorates; the first has two districts and a hole that nothing fills. */
const AREAS = [
  area({ code: 'IQ', level: 'COUNTRY', parent: null, names: ['Iraq'] }),
  area({
    code: 'G1',
    level: 'ADMIN1',
    parent: 'IQ',
    names: ['First'],
    codes: [{ scheme: 'ISO-3166-2', code: 'IQ-AR' }],
  }),
  area({ code: 'G2', level: 'ADMIN1', parent: 'IQ', names: ['Second'] }),
  area({ code: 'G1Q01', level: 'ADMIN2', parent: 'G1', names: ['Twin', 'Tûna'] }),
  area({
    code: 'G1Q02',
    level: 'ADMIN2',
    parent: 'G1',
    names: ['Other'],
    claims: [{ claimant: 'second', parent: 'G2', note: '' }],
  }),
  area({ code: 'G2Q01', level: 'ADMIN2', parent: 'G2', names: ['Twin'] }),
  area({ code: 'G1Q01N01', level: 'ADMIN3', parent: 'G1Q01', names: ['Sub'] }),
];
const SHAPES = new Map(
  Object.entries({
    G1: { type: 'Polygon', coordinates: [ring(0, 0, 10, 10), ring(4, 4, 5, 5)] },
    G2: { type: 'MultiPolygon', coordinates: [[ring(10, 0, 20, 10)], [ring(30, 0, 31, 1)]] },
    G1Q01: { type: 'Polygon', coordinates: [ring(0, 0, 4, 10)] },
    G1Q02: { type: 'Polygon', coordinates: [ring(5, 0, 10, 10)] },
    G2Q01: { type: 'Polygon', coordinates: [ring(10, 0, 20, 10)] },
    G1Q01N01: { type: 'Polygon', coordinates: [ring(0, 0, 2, 2)] },
  }).map(([code, geometry]) => [code, encodeShape(geometry)]),
);
const set = new BoundarySet('test', AREAS, SHAPES);
const at = (longitude: number, latitude: number, more: Partial<Place> = {}): Place => ({
  country: 'IQ',
  latitude,
  longitude,
  precision: 'SETTLEMENT',
  ...more,
});
const areas = (place: Place, among = set) => {
  const { admin1, admin2, admin3 } = placeIn(among, place);
  return [admin1, admin2, admin3];
};

describe('a point', () => {
  it('is in the finest area that holds it, of all polygons, not in holes', () => {
    expect(areas(at(1, 1))).toEqual(['G1', 'G1Q01', 'G1Q01N01']);
    expect(areas(at(3, 3))).toEqual(['G1', 'G1Q01', null]);
    expect(areas(at(4.5, 4.5))).toEqual([null, null, null]);
    expect(areas(at(4.5, 8))).toEqual(['G1', null, null]);
    expect(areas(at(30.5, 0.5))).toEqual(['G2', null, null]);
    expect(areas(at(25, 5))).toEqual([null, null, null]);
  });

  it('on a border is in the area whose code comes first, always', () => {
    expect(areas(at(10, 5))).toEqual(['G1', 'G1Q02', null]);
  });

  it.each([
    ['EXACT_POINT', ['G1', 'G1Q01', 'G1Q01N01']],
    ['STREET_OR_LANDMARK', ['G1', 'G1Q01', 'G1Q01N01']],
    ['NEIGHBOURHOOD', ['G1', 'G1Q01', 'G1Q01N01']],
    ['NEAR_SETTLEMENT', ['G1', 'G1Q01', null]],
    ['ADM2', ['G1', 'G1Q01', null]],
    ['ADM1', ['G1', null, null]],
    ['SUPRA_ADM1', [null, null, null]],
    ['COUNTRY', [null, null, null]],
    ['WATER_AIRSPACE', [null, null, null]],
    ['UNKNOWN', [null, null, null]],
  ] as const)('with precision %s never goes below that', (precision, expected) => {
    expect(areas(at(1, 1, { precision }))).toEqual(expected);
  });

  it('is not looked up when nobody says how precise it is, nor in another country', () => {
    expect(areas(at(1, 1, { precision: null }))).toEqual([null, null, null]);
    expect(areas(at(1, 1, { country: 'SY' }))).toEqual([null, null, null]);
  });

  it('makes a code finer, and gives way to a code that it contradicts', () => {
    const code = (one: string) => [{ code: one, authority: 'TEST' }];
    expect(areas(at(1, 1, { admin: code('G1') }))).toEqual(['G1', 'G1Q01', 'G1Q01N01']);
    expect(areas(at(1, 1, { admin: code('IQ-AR') }))).toEqual(['G1', 'G1Q01', 'G1Q01N01']);
    expect(areas(at(1, 1, { admin: code('G2') }))).toEqual(['G2', null, null]);
    expect(areas(at(1, 1, { admin: code('G1Q02') }))).toEqual(['G1', 'G1Q02', null]);
  });

  it('in a disputed area agrees with the code of whoever claims it', () => {
    expect(areas(at(6, 6, { admin: [{ code: 'G2', authority: 'TEST' }] }))).toEqual(['G1', 'G1Q02', null]);
  });

  it('wins over the names of another provider’s districts', () => {
    const admin = [{ name: 'Other', authority: 'UCDP', level: 2 }];
    expect(areas(at(1, 1, { admin }))).toEqual(['G1', 'G1Q01', 'G1Q01N01']);
    expect(areas(at(1, 1, { admin, precision: 'ADM2' }))).toEqual(['G1', 'G1Q02', null]);
  });
});

describe('names', () => {
  const named = (...names: [string, number][]): Place => ({
    country: 'IQ',
    admin: names.map(([name, level]) => ({ name, level, authority: 'UCDP' })),
    precision: 'ADM2',
  });

  it('are looked up at their level, within what is known already', () => {
    expect(areas(named(['Second province', 1], ['Qaḑā’ Twin', 2]))).toEqual(['G2', 'G2Q01', null]);
    expect(areas(named(['First', 1], ['TUNA', 2]))).toEqual(['G1', 'G1Q01', null]);
    expect(areas(named(['Twin', 2]))).toEqual([null, null, null]);
    expect(areas(named(['Other', 1]))).toEqual(['G1', 'G1Q02', null]);
    expect(areas(named(['Sub', 2]))).toEqual([null, null, null]);
  });

  it('of the place itself count where the place is a whole area', () => {
    expect(areas({ country: 'IQ', name: 'Other district', precision: 'ADM2' })).toEqual(['G1', 'G1Q02', null]);
    expect(areas({ country: 'IQ', name: 'Other', precision: 'SETTLEMENT' })).toEqual([null, null, null]);
  });

  it('of the starting document’s places lead to their district', () => {
    const place = (name: string): Place => ({ country: 'IQ', name, precision: 'NEAR_SETTLEMENT' });
    expect(areas(place('Mount Qarachukh'), isoSet)).toEqual(['IQ-AR', 'IQG11Q04', null]);
    expect(areas(place('Shingal'), isoSet)).toEqual(['IQ-NI', 'IQG15Q07', null]);
    expect(areas({ ...place('Mount Qarachukh'), precision: 'COUNTRY' }, isoSet)).toEqual([null, null, null]);
    expect(areas({ ...place('Mount Qarachukh'), country: 'SY' }, isoSet)).toEqual([null, null, null]);
  });
});

describe('several sets', () => {
  it('agree on the country, which a point may tell', () => {
    const placed = placeInSets([isoSet, set], { latitude: 1, longitude: 1, precision: 'EXACT_POINT' });
    expect(placed).toMatchObject({
      'iso-3166': { country: 'IQ', admin1: null },
      test: { country: 'IQ', admin1: 'G1' },
    });
    expect(placeInSets([isoSet, set], { country: 'SY', precision: 'COUNTRY' })).toMatchObject({
      test: { country: 'SY' },
    });
  });

  it('resolve the same groups to their own areas', () => {
    const group = isoSet.find('x-iq-disputed') as Region;
    const codes = isoSet.standsFor(group).map(({ code }) => code);
    expect(codes).toEqual(expect.arrayContaining(['IQ-KI', 'IQG11Q04', 'IQG15Q07', 'IQG16Q07', 'IQG10Q05']));
    expect(codes).not.toContain('IQ-NI');
    const kurdistan = isoSet.find('IQ-KR') as Region;
    expect(set.standsFor(kurdistan).map(({ code }) => code)).toEqual(['G1']);
  });
});

describe('a shape', () => {
  it('is the same after it was packed', () => {
    const polygons = decodeShape(SHAPES.get('G1') as string);
    expect(polygons).toEqual([[ring(0, 0, 10, 10), ring(4, 4, 5, 5)]]);
    expect(boxOf(decodeShape(SHAPES.get('G2') as string))).toEqual([10, 0, 31, 10]);
  });

  it.each([
    [null],
    [{ type: 'Point', coordinates: [1, 1] }],
    [{ type: 'MultiPolygon', coordinates: [] }],
    [
      {
        type: 'Polygon',
        coordinates: [
          [
            [0, 0],
            [1, 1],
            [0, 0],
          ],
        ],
      },
    ],
    [{ type: 'Polygon', coordinates: [ring(0, 0, 200, 1)] }],
    [
      {
        type: 'Polygon',
        coordinates: [
          [
            [0, 0],
            [1, 0],
            [1, 1],
            ['x', 1],
            [0, 0],
          ],
        ],
      },
    ],
  ])('is refused when it is none: %j', (geometry) => {
    expect(() => encodeShape(geometry)).toThrow(ShapeError);
  });
});
