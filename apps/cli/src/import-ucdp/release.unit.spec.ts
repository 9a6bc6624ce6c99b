import { parseRelease, releaseAfter, releaseInFileName, UnknownReleaseError } from './release.js';

describe('a UCDP release', () => {
  it.each([
    ['19.1', 190_100, '2019-06-01T00:00:00Z', null],
    ['25.1', 250_100, '2025-06-01T00:00:00Z', null],
    ['24.0.5', 240_005, '2024-06-20T00:00:00Z', { first: '2024-05', last: '2024-05' }],
    ['24.0.12', 240_012, '2025-01-20T00:00:00Z', { first: '2024-12', last: '2024-12' }],
    ['24.01.24.09', 240_059, '2024-10-20T00:00:00Z', { first: '2024-01', last: '2024-09' }],
  ])('%s has revision %i, published %s', (name, revision, publishedAt, months) => {
    expect(parseRelease(name)).toEqual({ name, revision, publishedAt, months });
  });

  it.each(['24', '24.2', '24.0.13', '24.0.0', '24.01.25.09', '24.01.24.00', 'v24.1', ''])('refuses "%s"', (name) => {
    expect(() => parseRelease(name)).toThrow(UnknownReleaseError);
  });

  it('outranks the candidates of the year that it covers, a cumulative candidate the monthly ones', () => {
    const order = ['24.1', '24.0.1', '24.0.12', '24.01.24.12', '25.1'].map((name) => parseRelease(name).revision);
    const [, monthly, lastMonthly, cumulative, final] = order;
    expect(monthly).toBeLessThan(lastMonthly ?? 0);
    expect(lastMonthly).toBeLessThan(cumulative ?? 0);
    expect(cumulative).toBeLessThan(final ?? 0);
  });

  it.each([
    ['ged191.csv', '19.1'],
    ['ged231-csv.zip', '23.1'],
    ['ged231_sample1000.csv.gz', '23.1'],
    ['GEDEvent_v25_1.csv', '25.1'],
    ['GEDEvent_v24_0_5.csv', '24.0.5'],
    ['GEDEvent_v25_0_12.csv', '25.0.12'],
    ['GEDEvent_v24_01_24_09.csv', '24.01.24.09'],
    ['ged_candidate_24.0.5.zip', '24.0.5'],
  ])('is read from the file name %s', (file, name) => {
    expect(releaseInFileName(file)?.name).toBe(name);
  });

  it.each(['conflict_data_irq.csv', 'ged-2024-1.csv', 'ged_2018.csv', 'events191.csv'])(
    'is not guessed from %s',
    (file) => {
      expect(releaseInFileName(file)).toBeNull();
    },
  );

  it('is the year after the newest row where nothing tells it', () => {
    expect(releaseAfter(2018).name).toBe('19.1');
    expect(releaseAfter(2008).name).toBe('09.1');
  });
});
