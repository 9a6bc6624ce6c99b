import {
  type ClaimedValue,
  conversionPolicy1,
  figureNameOf,
  isTakenBack,
  lengthOf,
  type PublicAggregate,
  recordOf,
  replaces,
  type SeriesNumber,
  stepOf,
  unallocatedOf,
} from '#app/domain';

const exact = (count: number): ClaimedValue => ({ qualifier: 'EXACT', lo: count, hi: count });

const OCTOBER: PublicAggregate = {
  seriesId: 'unami',
  publisher: { name: 'UNAMI', kind: 'UN' },
  indicator: 'KILLED',
  statusDefinition: 'CIVILIANS_INCLUDING_POLICE',
  period: { start: '2018-10-01', end: '2018-10-31' },
  area: { code: 'IQ' },
  value: exact(69),
  publishedAt: '2018-11-02T00:00:00Z',
  kind: 'OFFICIAL_AGGREGATE',
};

describe('which publication of a figure stands', () => {
  const standing = { publishedAt: '2018-11-02T00:00:00Z', position: 10 };

  it.each([
    ['a newer one', '2018-12-01T00:00:00Z', 11, true],
    ['an older one that comes late', '2018-11-01T00:00:00Z', 11, false],
    ['one of the same moment that is recorded later', '2018-11-02T00:00:00Z', 11, true],
    // The same instant, written with another offset.
    ['one of the same moment, written otherwise', '2018-11-02T03:00:00+03:00', 11, true],
    ['an earlier moment that sorts after it as text', '2018-11-02T02:00:00+03:00', 11, false],
    ['one without a date', null, 11, true],
  ])(
    'given what stands, when there is %s, then it is decided by publishedAt, then position',
    (_, publishedAt, position, stands) => {
      expect(replaces({ publishedAt, position }, standing)).toBe(stands);
    },
  );

  it('given nothing, when anything is published, then it stands', () => {
    expect(replaces({ publishedAt: null, position: 1 }, undefined)).toBe(true);
  });

  it('given a figure, when it is revised, then it is the same figure; on another area or definition it is not', () => {
    expect(figureNameOf({ ...OCTOBER, value: exact(71), revisionOf: 'first' })).toEqual(figureNameOf(OCTOBER));
    const others: Partial<PublicAggregate>[] = [
      { seriesId: 'other' },
      { indicator: 'INJURED' },
      { statusDefinition: 'CIVILIANS_EXCLUDING_POLICE' },
      { period: { start: '2018-10-01', end: '2018-10-30' } },
      { area: { code: 'IQG15' } },
    ];
    for (const other of others) expect(figureNameOf({ ...OCTOBER, ...other })).not.toEqual(figureNameOf(OCTOBER));
  });

  it.each([
    ['the series', { seriesId: 'unami' }, true],
    ['another series', { seriesId: 'other' }, false],
    ['the month', { seriesId: 'unami', period: { start: '2018-10-01', end: '2018-10-31' } }, true],
    ['the year that holds it', { seriesId: 'unami', period: { start: '2018-01-01', end: '2018-12-31' } }, true],
    ['part of the month', { seriesId: 'unami', period: { start: '2018-10-01', end: '2018-10-15' } }, false],
    ['no period', { seriesId: 'unami', period: null }, true],
  ])('given a month, when %s is withdrawn, then it is taken back: see', (_, withdrawal, isGone) => {
    expect(isTakenBack(OCTOBER, withdrawal)).toBe(isGone);
  });
});

describe('what parts leave of a total', () => {
  const atLeast = (lo: number): ClaimedValue => ({ qualifier: 'AT_LEAST', lo, hi: null });
  const between = (lo: number, hi: number): ClaimedValue => ({ qualifier: 'BETWEEN', lo, hi });

  it.each<[string, ClaimedValue, ClaimedValue[], object]>([
    ['parts below the total', exact(69), [exact(29), exact(29), exact(5)], { lo: 6, hi: 6, flags: [] }],
    ['no parts', exact(69), [], { lo: 69, hi: 69, flags: [] }],
    ['an interval', between(60, 70), [between(10, 20)], { lo: 40, hi: 60, flags: [] }],
    ['an open total', atLeast(69), [exact(29)], { lo: 40, hi: null, flags: [] }],
    ['an open part', exact(69), [atLeast(29)], { lo: null, hi: 40, flags: [] }],
    ['an unknown part', exact(69), [{ qualifier: 'UNKNOWN' }], { lo: null, hi: 69, flags: [] }],
    ['parts above the total', exact(10), [exact(7), exact(8)], { lo: -5, hi: -5, flags: ['PARTS_EXCEED_TOTAL'] }],
    ['parts that may be above', exact(10), [between(5, 12)], { lo: -2, hi: 5, flags: ['PARTS_MAY_EXCEED_TOTAL'] }],
    ['vague words', { qualifier: 'VAGUE', phrase: 'dozens' }, [exact(4)], { lo: 20, hi: null, flags: [] }],
  ])('given %s, then the rest is shown as it is', (_, total, parts, rest) => {
    expect(unallocatedOf(total, parts, conversionPolicy1)).toEqual(rest);
  });
});

describe('lowest since', () => {
  const month = (name: string, value: number | null): SeriesNumber => {
    const [year, number] = name.split('-').map(Number) as [number, number];
    const end = new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
    return { period: { start: `${name}-01`, end }, value };
  };
  const series = [
    month('2018-01', 90),
    month('2018-02', 60),
    month('2018-04', 80),
    month('2018-05', null),
    month('2018-06', 75),
    month('2018-07', 65),
  ];
  const at = (name: string) => month(name, 0).period;

  it('given a lower month further back, then it is lowest since that one, with the months that nobody knows', () => {
    expect(recordOf('lowest', at('2018-07'), series)).toEqual({
      since: series[1],
      isOfAllPresent: false,
      overtakenBy: null,
      comparedPeriods: 2,
      missingPeriods: ['2018-03-01', '2018-05-01'],
      hasMoreMissing: false,
    });
  });

  it('given none lower, then it is the lowest of all present', () => {
    expect(recordOf('lowest', at('2018-02'), series)).toMatchObject({ since: null, isOfAllPresent: true });
    expect(recordOf('highest', at('2018-01'), series)).toBeNull();
  });

  it('given a lower month before it, then it is no record; the first month and one without a number are none either', () => {
    expect(recordOf('lowest', at('2018-04'), series)).toBeNull();
    expect(recordOf('lowest', at('2018-01'), series)).toBeNull();
    expect(recordOf('lowest', at('2018-05'), series)).toBeNull();
    expect(recordOf('lowest', at('2018-03'), series)).toBeNull();
  });

  it('given the same number before, then it is lowest since that one, not of all', () => {
    const tied = [...series, month('2018-08', 60)];
    expect(recordOf('lowest', at('2018-08'), tied)).toMatchObject({ since: series[1], isOfAllPresent: false });
    expect(recordOf('lowest', at('2018-02'), tied)).toMatchObject({ overtakenBy: tied.at(-1), isOfAllPresent: false });
  });

  it.each([
    ['2018-10-01', '2018-10-31', 'month'],
    ['2018-02-01', '2018-02-28', 'month'],
    ['2018-10-01', '2018-12-31', 'quarter'],
    ['2018-01-01', '2018-12-31', 'year'],
    ['2018-11-05', '2018-11-11', 'week'],
    ['2018-11-05', '2018-11-05', 'day'],
    ['9999-12-01', '9999-12-31', 'month'],
    ['2018-02-01', '2018-04-30', null],
    ['2018-10-01', '2018-10-30', null],
  ])('%s to %s is a %s', (start, end, step) => {
    expect(stepOf({ start, end })).toBe(step);
  });

  it('periods of no calendar step are compared with those of as many days, and miss none', () => {
    expect(lengthOf({ start: '2018-10-01', end: '2018-10-10' })).toBe('10 days');
    const odd: SeriesNumber[] = [
      { period: { start: '2018-10-01', end: '2018-10-10' }, value: 5 },
      { period: { start: '2018-11-01', end: '2018-11-10' }, value: 3 },
    ];
    expect(recordOf('lowest', odd[1]!.period, odd)).toMatchObject({ isOfAllPresent: true, missingPeriods: null });
  });

  it('a date that is far off fills no answer', () => {
    const days = ['0001-01-01', '9999-12-30', '9999-12-31'];
    const far = days.map((day, index) => ({ period: { start: day, end: day }, value: 3 - index }));
    const record = recordOf('lowest', far[2]!.period, far);
    expect([record?.missingPeriods?.length, record?.hasMoreMissing]).toEqual([1000, true]);
  });
});
