import { TYPES, validateData } from '#app/contract';
import { checkReport, conversionPolicy1, foldIncident, type Report } from '#app/domain';
import { type Cells, cellsOf, resolveColumns, UnreadableFileError } from './columns.js';
import { parseRelease } from './release.js';
import { toReport } from './to-report.js';

const ROW = {
  id: '272434',
  type_of_violence: '1',
  conflict_new_id: '259',
  conflict_name: 'Iraq: Government',
  dyad_new_id: '524',
  dyad_name: 'Government of Iraq - IS',
  side_a_new_id: '116',
  side_a: 'Government of Iraq',
  gwnoa: '645.0',
  side_b_new_id: '234',
  side_b: 'IS',
  gwnob: '',
  source_article: '"Agency,2018-11-08,A headline"',
  source_headline: 'A headline',
  source_original: 'Police',
  where_prec: '2',
  where_coordinates: 'Mosul city',
  adm_1: 'Nīnawá province',
  adm_2: 'Qaḑā’ al Mawşil',
  latitude: '36.335',
  longitude: '43.11889',
  country: 'Iraq',
  country_id: '645',
  date_prec: '1',
  date_start: '2018-11-08',
  date_end: '2018-11-08',
  deaths_a: '2',
  deaths_b: '1',
  deaths_civilians: '3',
  deaths_unknown: '0',
  low: '4',
  best: '6',
  high: '9',
};

const countryOf = (gwCode: string): string | null => (gwCode === '645' ? 'IQ' : null);

function cells(changes: Partial<typeof ROW> = {}): Cells {
  const row = { ...ROW, ...changes };
  return cellsOf(Object.values(row), resolveColumns(Object.keys(row)));
}

function report(changes: Partial<typeof ROW> = {}): Report {
  return toReport(cells(changes), parseRelease('19.1'), countryOf);
}

function killedBy(found: Report, status?: string): unknown[] {
  return (found.casualties ?? [])
    .filter((claim) => claim.status === status)
    .map(({ value: { lo, hi, point } }) => [lo, point, hi]);
}

describe('a GED row as a report', () => {
  it('is the report of the mapping table', () => {
    expect(report()).toEqual({
      reportId: 'ged-272434',
      revision: 190_100,
      incident: { ref: '272434' },
      publishedAt: '2019-06-01T00:00:00Z',
      source: {
        name: 'UCDP',
        kind: 'OTHER_DATASET',
        license: 'CC BY 4.0',
        attribution: expect.stringContaining('Uppsala Conflict Data Program'),
      },
      occurred: { start: '2018-11-08', end: '2018-11-08', precision: 'DAY' },
      place: {
        name: 'Mosul city',
        country: 'IQ',
        admin: [
          { name: 'Nīnawá province', level: 1, authority: 'UCDP' },
          { name: 'Qaḑā’ al Mawşil', level: 2, authority: 'UCDP' },
        ],
        latitude: 36.335,
        longitude: 43.11889,
        precision: 'NEAR_SETTLEMENT',
      },
      classification: { incidentType: 'ARMED_CLASH', civilianTargeting: 'UNKNOWN' },
      actors: [
        {
          name: 'Government of Iraq',
          type: 'STATE_FORCES',
          role: 'PARTICIPANT',
          attribution: 'ASSESSED',
          ids: [{ scheme: 'UCDP', id: '116' }],
        },
        {
          name: 'IS',
          type: 'REBEL_GROUP',
          role: 'PARTICIPANT',
          attribution: 'ASSESSED',
          ids: [{ scheme: 'UCDP', id: '234' }],
        },
      ],
      casualties: [
        { measure: 'KILLED', value: { qualifier: 'BETWEEN', lo: 4, hi: 9, point: 6 } },
        { measure: 'KILLED', status: 'CIVILIAN', value: { qualifier: 'EXACT', lo: 3, hi: 3, point: 3 } },
        {
          measure: 'KILLED',
          status: 'ARMED_FORCES_MEMBER',
          side: 'A',
          value: { qualifier: 'EXACT', lo: 2, hi: 2, point: 2 },
        },
        {
          measure: 'KILLED',
          status: 'DIRECT_PARTICIPANT',
          side: 'B',
          value: { qualifier: 'EXACT', lo: 1, hi: 1, point: 1 },
        },
        { measure: 'KILLED', status: 'UNKNOWN', value: { qualifier: 'EXACT', lo: 0, hi: 0, point: 0 } },
      ],
      tags: ['ucdp:type_of_violence:1', 'ucdp:conflict:259', 'ucdp:dyad:524'],
      confidential: {
        notes: 'source_article: "Agency,2018-11-08,A headline"\nsource_headline: A headline\nsource_original: Police',
      },
    });
    expect(validateData(TYPES.REPORT, report())).toEqual([]);
  });

  it('is the same whether codes are written 645 or 645.0, counts 4 or 4.0, columns *_new_id or *_id', () => {
    const plain: Record<string, string> = {
      ...ROW,
      gwnoa: '645',
      low: '4.0',
      deaths_a: '2.0',
      date_start: '11/8/2018 12:00:00 AM',
    };
    const renamed = Object.entries(plain).map(
      ([name, value]) => [name.replace('_new_id', '_id').toUpperCase(), value] as const,
    );
    const map = resolveColumns(renamed.map(([name]) => name));
    expect(
      toReport(
        cellsOf(
          renamed.map(([, value]) => value),
          map,
        ),
        parseRelease('19.1'),
        countryOf,
      ),
    ).toEqual(report());
  });

  it.each([
    ['1', 'SETTLEMENT'],
    ['2', 'NEAR_SETTLEMENT'],
    ['3', 'ADM2'],
    ['4', 'ADM1'],
    ['5', 'SUPRA_ADM1'],
    ['6', 'COUNTRY'],
    ['7', 'WATER_AIRSPACE'],
    ['', 'UNKNOWN'],
  ])('where_prec %s is %s', (where_prec, precision) => {
    expect(report({ where_prec }).place.precision).toBe(precision);
  });

  it.each([
    ['1', 'DAY'],
    ['2', 'WEEK'],
    ['3', 'WEEK'],
    ['4', 'MONTH'],
    ['5', 'YEAR'],
  ])('date_prec %s is %s', (date_prec, precision) => {
    expect(report({ date_prec }).occurred.precision).toBe(precision);
  });

  it('takes violated intervals as given, flagged by the domain', () => {
    const violated = report({ id: '122098', low: '6610', best: '6573', high: '6573', deaths_a: '6570' });
    expect(killedBy(violated)).toEqual([[6610, 6573, 6573]]);
    expect(validateData(TYPES.REPORT, violated)).toEqual([]);
    expect(checkReport(violated)).toContain('INTERVAL_INCONSISTENT');
    expect(checkReport(report())).toEqual([]);
  });

  it('counts one-sided violence as an attack on civilians, whose side has no dead of its own', () => {
    const oneSided = report({ type_of_violence: '3', side_a: 'IS', gwnoa: '', side_b: 'Civilians', deaths_b: '1' });
    expect(oneSided.classification).toEqual({ incidentType: 'ATTACK_ON_CIVILIANS', civilianTargeting: 'YES' });
    expect(oneSided.actors?.map(({ type, role }) => [type, role])).toEqual([
      ['REBEL_GROUP', 'PERPETRATOR'],
      ['CIVILIANS', 'VICTIM_GROUP'],
    ]);
    expect(killedBy(oneSided, 'CIVILIAN')).toEqual([[4, 4, 4]]);
    expect(killedBy(oneSided, 'DIRECT_PARTICIPANT')).toEqual([[2, 2, 2]]);
  });

  it('tells a state on its own territory from a foreign one, and guesses no type for non-state conflicts', () => {
    const types = (changes: Partial<typeof ROW>): unknown[] => report(changes).actors?.map(({ type }) => type) ?? [];
    expect(types({ side_a: 'Government of Turkey', gwnoa: '640', side_b: 'PKK' })).toEqual([
      'EXTERNAL_OTHER',
      'REBEL_GROUP',
    ]);
    expect(types({ side_b: 'Government of Kuwait', gwnob: '690' })).toEqual(['STATE_FORCES', 'EXTERNAL_OTHER']);
    expect(types({ type_of_violence: '2', side_a: 'KDP', gwnoa: '', side_b: 'PUK' })).toEqual([undefined, undefined]);
    expect(types({ side_b: 'XXX1234' })).toEqual(['STATE_FORCES', 'UNIDENTIFIED_ARMED']);
  });

  it('lets the fold add the dead of two sides of one status', () => {
    const nonState = report({ type_of_violence: '2', side_a: 'KDP', gwnoa: '', side_b: 'PUK' });
    const figures = foldIncident(
      [
        {
          kind: 'REPORT',
          source: 'https://ucdp.uu.se/ged',
          reportId: nonState.reportId,
          revision: 1,
          position: 4,
          eventId: '018f0000-0000-7000-8000-000000000000',
          publishedAt: nonState.publishedAt,
          body: { report: nonState, disposition: 'APPLIED', placements: {}, flags: [] },
        },
      ],
      conversionPolicy1,
    );
    const parts = figures?.figures.map(({ part, lo, hi, points }) => [part, lo, hi, points.best]);
    expect(parts).toEqual(
      expect.arrayContaining([
        ['TOTAL', 4, 9, 6],
        ['CIVILIAN', 3, 3, 3],
        ['DIRECT_PARTICIPANT', 3, 3, 3],
        // UCDP says 0 unknown; what the interval leaves open above the parts is added to hi (fold 6).
        ['UNKNOWN', 0, 3, 0],
      ]),
    );
  });

  it('never shows quoted headlines to every reader, and cuts only the longest lists of them', () => {
    const long = report({ source_article: 'x'.repeat(30_000) });
    expect(long.summary).toBeUndefined();
    expect(long.confidential?.notes).toHaveLength(20_000);
    expect(validateData(TYPES.REPORT, long)).toEqual([]);
    expect(report({ source_article: '', source_headline: '', source_original: '' }).confidential).toBeUndefined();
  });

  it('leaves out what the row does not have', () => {
    const bare = report({ adm_1: '', adm_2: '', latitude: '', country_id: '999', country: 'Nowhere' });
    expect(bare.place).toEqual({ name: 'Mosul city', precision: 'NEAR_SETTLEMENT' });
    expect(validateData(TYPES.REPORT, bare)).toEqual([]);
  });

  it.each([
    [{ deaths_a: '2.5' }, 'deaths_a: "2.5" is not a whole number'],
    [{ best: '' }, 'best: is empty'],
    [{ date_end: 'soon' }, 'date_end: "soon" is not a date'],
    [{ type_of_violence: '4' }, "type_of_violence: 4 is not one of UCDP's codes"],
    [{ where_prec: '8' }, "where_prec: 8 is not one of UCDP's codes"],
  ])('refuses %j', (changes, reason) => {
    expect(() => report(changes)).toThrow(reason);
  });

  it('leaves negative counts to the contract, which refuses them with a pointer', () => {
    expect(validateData(TYPES.REPORT, report({ low: '-1' }))).toEqual([
      expect.objectContaining({ pointer: '/casualties/0/value/lo', code: 'OUT_OF_RANGE' }),
    ]);
  });
});

describe('a file without the columns of GED', () => {
  it('is refused by naming them', () => {
    const header =
      'id,year,month,day,country,type_of_violence,conflict_name,side_a,side_b,latitude,longitude,low_death,best_death,high_death';
    const resolve = (): unknown => resolveColumns(header.split(','));
    expect(resolve).toThrow(UnreadableFileError);
    expect(resolve).toThrow(
      /no column where_prec, where_coordinates, date_prec, date_start, date_end, deaths_a, .*best, high, low\./,
    );
  });
});
