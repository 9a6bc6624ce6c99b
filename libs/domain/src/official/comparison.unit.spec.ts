import {
  addIncident,
  type Amounts,
  compareIncident,
  type ComparisonRule,
  conversionPolicy1,
  differencesOf,
  isAssertedOf,
  nothingRecorded,
  policeRuleOf,
  type PublicAggregate,
  type PublicTrend,
  residualOf,
  roleAmounts,
  speakerOf,
} from '#app/domain';
import { killed, publicReport } from '../../testing/reports.js';

const RULE: ComparisonRule = { indicator: 'KILLED', statusDefinition: 'CIVILIANS', police: 'as recorded' };

const part = (name: Amounts['part'], lo: number, hi: number | null = lo): Amounts => {
  return { measure: 'KILLED', part: name, lo, hi, point: hi === null ? null : lo, unknown: false };
};

describe('what an incident adds beside an official figure', () => {
  const figures = [part('TOTAL', 10), part('CIVILIAN', 4, 5), part('ARMED_FORCES_MEMBER', 3), part('UNKNOWN', 2)];

  it('given civilians and unknown, then they are counted apart and together, soldiers are not', () => {
    const { byPart, together } = compareIncident({ figures, police: [] }, RULE);
    expect(byPart).toEqual({
      CIVILIAN: expect.objectContaining({ lo: 4, hi: 5 }),
      UNKNOWN: expect.objectContaining({ lo: 2 }),
    });
    expect(together).toEqual({ lo: 6, hi: 7, point: 6 });
  });

  it('given a definition of all persons or none, then the total stands beside it; of forces, their part', () => {
    const together = (statusDefinition: ComparisonRule['statusDefinition']) =>
      compareIncident({ figures, police: [] }, { ...RULE, statusDefinition }).together.lo;
    expect([together('ALL_PERSONS'), together('NOT_STATED'), together('SECURITY_FORCES')]).toEqual([10, 10, 5]);
  });

  it('given police among soldiers, when taken in, then they are added; when taken out, only those among civilians go', () => {
    const police = [part('ARMED_FORCES_MEMBER', 2), part('CIVILIAN', 1)];
    const by = (rule: ComparisonRule['police']) => compareIncident({ figures, police }, { ...RULE, police: rule });
    expect(by('include')).toMatchObject({ together: { lo: 8, hi: 9 }, policeMoved: { lo: 2, hi: 2 } });
    expect(by('exclude')).toMatchObject({ together: { lo: 5, hi: 6 }, policeMoved: { lo: -1, hi: -1 } });
    expect(by('as recorded')).toMatchObject({ together: { lo: 6, hi: 7 }, policeMoved: { lo: 0, hi: 0 } });
  });

  it('given an open number of police, when taken out, then what is left has no known lower bound but zero', () => {
    const taken = compareIncident({ figures, police: [part('CIVILIAN', 1, null)] }, { ...RULE, police: 'exclude' });
    expect(taken.together).toMatchObject({ lo: 0, hi: 6 });
  });

  it('given no word on the measure, then it is silent; given only an unknown number, then it is unknown and open', () => {
    expect(compareIncident({ figures: [], police: [] }, RULE)).toMatchObject({
      isSilent: true,
      together: { lo: 0, hi: 0 },
    });
    const unknown = { ...part('UNKNOWN', 0, null), unknown: true };
    const compared = compareIncident({ figures: [{ ...unknown, part: 'TOTAL' }, unknown], police: [] }, RULE);
    expect(compared).toMatchObject({ isSilent: false, isUnknown: true, together: { lo: 0, hi: null } });
    expect(addIncident(nothingRecorded(RULE), compared)).toMatchObject({
      incidents: 1,
      openIncidents: 1,
      unknownIncidents: 1,
      silentIncidents: 0,
      together: { lo: 0, hi: null, point: null },
    });
  });

  it('given an indicator of incidents, then incidents are counted', () => {
    const rule: ComparisonRule = { ...RULE, indicator: 'INCIDENTS' };
    const two = [figures, []].reduce(
      (sum, each) => addIncident(sum, compareIncident({ figures: each, police: [] }, rule)),
      nothingRecorded(rule),
    );
    expect(two).toMatchObject({ incidents: 2, together: { lo: 2, hi: 2 } });
  });

  it('given more recorded than official, then the residual is negative and stays so', () => {
    expect(residualOf({ lo: 5, hi: 5, point: 5 }, { lo: 7, hi: 9, point: 8 })).toEqual({ lo: -4, hi: -2, point: -3 });
    expect(residualOf({ lo: 5, hi: 5, point: 5 }, { lo: 7, hi: null, point: null })).toEqual({
      lo: null,
      hi: -2,
      point: null,
    });
  });

  it('takes police in or out as the definition has it', () => {
    expect(
      (['CIVILIANS_INCLUDING_POLICE', 'CIVILIANS_EXCLUDING_POLICE', 'CIVILIANS'] as const).map(policeRuleOf),
    ).toEqual(['include', 'exclude', 'as recorded']);
  });
});

describe('victims of a role', () => {
  const ROLE = 'POLICE_NON_COMBAT';
  const options = { policy: conversionPolicy1, estimator: 'max' as const };
  const police = (count: number) => killed(count, count, { status: 'CIVILIAN', role: ROLE });

  it('given two claimants, then min lo to max hi over those that name the role', () => {
    const reports = [
      publicReport({ id: 'a', by: 'A', casualties: [police(2)] }),
      publicReport({ id: 'b', by: 'B', casualties: [police(3)] }),
      publicReport({ id: 'c', by: 'C', casualties: [killed(9, 9, { status: 'CIVILIAN' })] }),
    ];
    expect(roleAmounts(reports, ROLE, options)).toEqual([
      { measure: 'KILLED', part: 'CIVILIAN', lo: 2, hi: 3, point: 3, unknown: false },
    ]);
  });

  it('given a later report of the same claimant on the same part without the role, then it is taken back', () => {
    const first = publicReport({ id: 'a', casualties: [police(2)] });
    const published = '2018-11-10T00:00:00Z';
    const taken = publicReport({ id: 'b', published, casualties: [killed(2, 2, { status: 'CIVILIAN' })] });
    const silent = publicReport({ id: 'b', published, casualties: [] });
    expect(roleAmounts([taken, first], ROLE, options)).toEqual([]);
    expect(roleAmounts([silent, first], ROLE, options)).toHaveLength(1);
  });
});

const AGGREGATE: PublicAggregate = {
  seriesId: 's',
  publisher: { name: 'UNAMI', kind: 'UN' },
  indicator: 'KILLED',
  statusDefinition: 'CIVILIANS',
  period: { start: '2018-10-01', end: '2018-10-31' },
  area: { code: 'IQ' },
  value: { qualifier: 'EXACT', lo: 69, hi: 69 },
  publishedAt: '2018-11-02T00:00:00Z',
  kind: 'STATISTICAL_ESTIMATE',
  coverageExclusions: [{ code: 'IQG01' }],
  verification: 'absolute minimum',
};

describe('the definitional differences', () => {
  const sides = {
    aggregate: AGGREGATE,
    exclusionReasons: ['no data'],
    unallocated: { lo: 0, hi: 0 },
    police: 'as recorded' as const,
    recorded: nothingRecorded(RULE),
    placedOnlyToCountry: nothingRecorded(RULE),
    datedOnlyTo: { DAY: 5 },
    flags: {},
    publishers: ['https://a.example', 'https://b.example'],
    boundary: 'iso-3166',
    unknownAreas: ['ZZ9'],
    recordedAt: '2026-01-01T00:00:00Z',
    publishedUntil: null,
  };

  it('given no data of a kind, then that difference is not named; definitions, cut-off and scope always are', () => {
    const found = differencesOf(sides);
    expect(found.map(({ code }) => code)).toEqual([
      'STATUS_DEFINITION',
      'POLICE_NON_COMBAT',
      'STATISTICAL_ESTIMATE',
      'COVERAGE_EXCLUSION',
      'DATA_CUTOFF',
      'OFFICIAL_CERTAINTY',
      'AREA_BOUNDARIES',
      'PUBLISHER_SCOPE',
    ]);
    const detail = (code: string) => found.find((difference) => difference.code === code)?.detail;
    expect(detail('COVERAGE_EXCLUSION')).toContain('no data');
    expect(detail('PUBLISHER_SCOPE')).toContain('recorded by several');
    expect(found.find(({ code }) => code === 'AREA_BOUNDARIES')?.areas).toEqual(['ZZ9']);
  });

  it('given incidents that are open, silent, coarse or flagged, then each is named with how many', () => {
    const recorded = { ...nothingRecorded(RULE), openIncidents: 1, unknownIncidents: 2, silentIncidents: 3 };
    const flags = { CROSSES_PERIOD: 4, INTERVAL_INCONSISTENT: 5 };
    const found = differencesOf({ ...sides, recorded, flags, datedOnlyTo: { DAY: 1, MONTH: 6 } });
    const incidents = Object.fromEntries(found.map(({ code, incidents: count }) => [code, count]));
    expect(incidents).toMatchObject({
      OPEN_INCIDENTS: 1,
      UNKNOWN_INCIDENTS: 2,
      SILENT_INCIDENTS: 3,
      CROSSES_PERIOD: 4,
      INTERVAL_INCONSISTENT: 5,
      DATED_ONLY_COARSELY: 6,
    });
  });
});

describe('assertions beside a figure', () => {
  const trend: PublicTrend = {
    trendId: 't',
    metric: 'CIVILIAN_CASUALTIES',
    direction: 'RECORD_LOW',
    areas: [{ code: 'IQ' }],
    period: { start: '2018-10-01', end: '2018-10-31' },
    publisher: { name: 'Unami', kind: 'UN' },
    publishedAt: '2018-11-02T00:00:00Z',
  };
  const asserted = (over: Partial<PublicTrend>, source = 'https://other.example') =>
    isAssertedOf(
      { source, body: { ...trend, ...over } },
      { source: 'https://unami.example', body: AGGREGATE },
      ({ code }) => code === 'IQ',
    );

  it('given the same publisher, metric, period and area, then it stands beside it', () => {
    expect(asserted({})).toBe(true);
    expect(asserted({ publisher: { name: 'Desk', kind: 'NGO' } }, 'https://unami.example')).toBe(true);
  });

  it.each<[string, Partial<PublicTrend>]>([
    ['another publisher', { publisher: { name: 'KRSC', kind: 'STATE_CIVIL' } }],
    ['another metric', { metric: 'VBIED_ATTACKS' }],
    ['another period', { period: { start: '2018-11-01', end: '2018-11-30' } }],
    ['another area', { areas: [{ code: 'IQG15' }, { name: 'Iraq' }] }],
  ])('given %s, then it does not', (_, over) => {
    expect(asserted(over)).toBe(false);
  });

  it('is said by who is quoted, else by its publisher', () => {
    expect(speakerOf(trend).name).toBe('Unami');
    expect(speakerOf({ ...trend, by: { name: 'Ján Kubiš', kind: 'UN' } }).name).toBe('Ján Kubiš');
  });
});
