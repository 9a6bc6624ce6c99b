import { conversionPolicy1, readPhrase, readValue } from '#app/domain';

describe('conversion policy 1', () => {
  it.each([
    ['en', 'a couple', 2, 2],
    ['en', 'a dozen', 12, 12],
    ['en', 'Several', 3, null],
    ['en', 'dozens of people were killed', 24, null],
    ['en-GB', 'scores', 40, null],
    ['en', 'hundreds', 200, null],
    ['en', 'sustained casualties', 1, null],
    ['en', 'casualties', 1, null],
    ['ar', 'عشرات القتلى', 20, null],
    ['ar', 'سقوط ضحايا', 1, null],
    ['fr', 'une douzaine de blessés', 12, 12],
    ['fr', 'PLUSIEURS', 2, null],
    ['ku', 'bi dehan kes', 20, null],
    ['ckb', 'دەیان کەس', 20, null],
    ['ar', 'dozens', 24, null],
    [null, 'dozens', 24, null],
  ])('reads in %s "%s" as %d…%s', (language, phrase, lo, hi) => {
    expect(readPhrase(phrase, language, conversionPolicy1)).toEqual({ lo, hi, known: true });
  });

  it.each(['no casualties', 'fewer than dozens', 'not a dozen', '', '…'])('does not pretend to know "%s"', (phrase) => {
    expect(readPhrase(phrase, 'en', conversionPolicy1)).toEqual({ lo: 1, hi: null, known: false });
  });

  it.each([
    [{ qualifier: 'ABOUT', point: 40 }, 40, 40, 40],
    [{ qualifier: 'ABOUT', lo: 30, hi: 50 }, 30, 50, 40],
    [{ qualifier: 'BETWEEN', lo: 2, hi: 5 }, 2, 5, 3],
    [{ qualifier: 'AT_LEAST', lo: 5, hi: null }, 5, null, 5],
    [{ qualifier: 'AT_MOST', lo: 0, hi: 9, point: 7 }, 0, 9, 7],
    [{ qualifier: 'VAGUE', lo: 5, hi: 9, phrase: 'dozens' }, 5, 9, 7],
    [{ qualifier: 'NONE_REPORTED' }, 0, 0, 0],
    [{ qualifier: 'UNKNOWN' }, 0, null, null],
  ] as const)('counts %j as %d…%s with the value %s', (given, lo, hi, value) => {
    expect(readValue(given, 'KILLED', 'en', conversionPolicy1)).toMatchObject({ lo, hi, value });
  });
});
