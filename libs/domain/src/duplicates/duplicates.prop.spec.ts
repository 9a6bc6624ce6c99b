import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DUPLICATE_DAYS_MAX, DUPLICATE_KM_MAX, distanceKm, matchDuplicates, type Sighting } from './duplicates.js';
import { GEO_PRECISIONS, INCIDENT_TYPES, TIME_PRECISIONS } from '../enumerations.js';
import { typesAgreeingWith } from './type-families.js';

const area = fc.constantFrom(null, 'A', 'B');
const sighting: fc.Arbitrary<Sighting> = fc.record({
  publisher: fc.constantFrom('urn:p:1', 'urn:p:2'),
  incidentType: fc.oneof(
    fc.constantFrom('IED_ATTACK' as const, 'GRENADE' as const),
    fc.constantFrom(...INCIDENT_TYPES),
  ),
  start: fc.integer({ min: 27, max: 31 }).map((day) => `2018-10-${day}`),
  timePrecision: fc.oneof({ weight: 8, arbitrary: fc.constant('DAY' as const) }, fc.constantFrom(...TIME_PRECISIONS)),
  geoPrecision: fc.constantFrom(...GEO_PRECISIONS),
  latitude: fc.option(fc.double({ min: 36.3, max: 36.4, noNaN: true })),
  longitude: fc.option(fc.double({ min: 43.1, max: 43.2, noNaN: true })),
  placements: fc
    .record({
      country: fc.constant('IQ'),
      admin1: area,
      admin2: area,
      admin3: area,
      precision: fc.constant('ADM2' as const),
    })
    .map((placement) => ({ 'iso-3166': placement })),
  actors: fc.uniqueArray(fc.constantFrom('Islamic State', 'IS', 'Iraqi Army', 'unknown gunmen'), { maxLength: 2 }),
});

describe('the rule that proposes duplicates', () => {
  it('says the same of (x, y) and of (y, x), every time', () => {
    fc.assert(
      fc.property(sighting, sighting, (x, y) => {
        const match = matchDuplicates(x, y);
        expect(matchDuplicates(y, x)).toEqual(match);
        expect(matchDuplicates(structuredClone(x), structuredClone(y))).toEqual(match);
      }),
      { numRuns: 2000 },
    );
  });

  it('stays within its windows, its scale and its types', () => {
    let matches = 0;
    fc.assert(
      fc.property(sighting, sighting, (x, y) => {
        const match = matchDuplicates(x, { ...y, publisher: 'urn:p:3' });
        if (match === null) return;
        matches += 1;
        expect(match.score).toBeGreaterThan(0);
        expect(match.score).toBeLessThanOrEqual(100);
        expect(match.days).toBeLessThanOrEqual(DUPLICATE_DAYS_MAX);
        if (match.km !== null) expect(match.km).toBeLessThanOrEqual(DUPLICATE_KM_MAX);
        expect(match.actors.length > 0 || typesAgreeingWith(x.incidentType).includes(y.incidentType)).toBe(true);
      }),
      { numRuns: 2000 },
    );
    expect(matches).toBeGreaterThan(20);
  });

  it('never proposes two incidents of one publisher', () => {
    fc.assert(fc.property(sighting, sighting, (x, y) => matchDuplicates(x, { ...y, publisher: x.publisher }) === null));
  });

  it('scores what is nearer no lower, all else being equal', () => {
    fc.assert(
      fc.property(
        sighting,
        fc.double({ min: 0, max: 0.02, noNaN: true }),
        fc.double({ min: 0, max: 0.02, noNaN: true }),
        (x, one, more) => {
          const here: Sighting = {
            ...x,
            geoPrecision: 'SETTLEMENT',
            timePrecision: 'DAY',
            latitude: 36.3,
            longitude: 43.1,
          };
          const near = { ...here, publisher: 'urn:p:3', latitude: 36.3 + one };
          const far = { ...near, latitude: 36.3 + one + more };
          expect(matchDuplicates(here, near)?.score).toBeGreaterThanOrEqual(matchDuplicates(here, far)?.score ?? 0);
        },
      ),
    );
  });
});

describe('cases', () => {
  const mosul: Sighting = {
    publisher: 'urn:p:1',
    incidentType: 'IED_ATTACK',
    start: '2018-11-08',
    timePrecision: 'DAY',
    geoPrecision: 'SETTLEMENT',
    latitude: 36.34,
    longitude: 43.13,
    placements: { 'iso-3166': { country: 'IQ', admin1: 'IQ-NI', admin2: null, admin3: null, precision: 'SETTLEMENT' } },
    actors: ['Islamic State'],
  };
  const other = (change: Partial<Sighting>): Sighting => ({ ...mosul, publisher: 'urn:p:2', ...change });

  it.each<[string, Partial<Sighting>, object | null]>([
    ['the same bomb, told twice', {}, { rule: 'WITHIN_1_KM_1_DAY', score: 100, km: 0, days: 0 }],
    ['called a suicide attack', { incidentType: 'SUICIDE_ATTACK' }, { score: 90, type: 'FAMILY' }],
    ['a day later, 3.3 km off', { start: '2018-11-09', latitude: 36.37 }, { rule: 'WITHIN_5_KM_2_DAYS', score: 77 }],
    ['three days later', { start: '2018-11-11' }, null],
    ['six kilometres off', { latitude: 36.4 }, null],
    ['a clash, by the same actor', { incidentType: 'ARMED_CLASH' }, { score: 80, type: 'DIFFERENT' }],
    [
      'as UCDP has it: a clash of the army with IS, at the centre of the town',
      { incidentType: 'ARMED_CLASH', actors: ['Government of Iraq', 'IS'], latitude: 36.335, longitude: 43.118889 },
      { rule: 'WITHIN_5_KM_2_DAYS', type: 'DIFFERENT', actors: ['Islamic State'], km: 1.1 },
    ],
    ['a clash, by another', { incidentType: 'ARMED_CLASH', actors: ['PKK'] }, null],
    ['known to the month only', { timePrecision: 'MONTH' }, null],
    [
      'the province only, all else the same',
      { geoPrecision: 'ADM1' },
      { rule: 'SAME_PROVINCE_SAME_DAY', km: null, score: 70 },
    ],
    ['the province only, nobody named', { geoPrecision: 'ADM1', actors: [] }, null],
  ])('%s', (_name, change, expected) => {
    const match = matchDuplicates(mosul, other(change));
    if (expected === null) expect(match).toBeNull();
    else expect(match).toMatchObject(expected);
  });

  it('asks for the same district where one of the two has no point', () => {
    const placed = (admin2: string): Partial<Sighting> => ({
      geoPrecision: 'ADM2',
      placements: { 'cod-ab': { country: 'IQ', admin1: 'IQG15', admin2, admin3: null, precision: 'ADM2' } },
      actors: [],
    });
    const here: Sighting = { ...mosul, ...placed('IQG15Q05') };
    expect(matchDuplicates(here, other(placed('IQG15Q05')))).toMatchObject({ rule: 'SAME_DISTRICT_1_DAY', score: 75 });
    expect(matchDuplicates(here, other(placed('IQG15Q01')))).toBeNull();
  });

  it('two unknown perpetrators are not one', () => {
    const unnamed = { actors: ['Unknown armed group'], incidentType: 'ARMED_CLASH' as const };
    expect(matchDuplicates({ ...mosul, actors: unnamed.actors }, other(unnamed))).toBeNull();
  });

  it('measures along the great circle', () => {
    expect(distanceKm({ latitude: 0, longitude: 179.99 }, { latitude: 0, longitude: -179.99 })).toBeCloseTo(2.22, 1);
  });
});
