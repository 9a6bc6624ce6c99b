import { describe, expect, it } from '@jest/globals';
import { PERIODS } from './dimension.js';
import { nextPeriod, periodEnd, periodKey, periodStart } from './period-key.js';

it.each([
  // ISO 8601: a week belongs to the year of its Thursday.
  ['2018-12-31', '2018-12-31', '2019-W01'],
  ['2017-01-01', '2016-12-26', '2016-W52'],
  ['2020-12-31', '2020-12-28', '2020-W53'],
  ['2018-11-08', '2018-11-05', '2018-W45'],
  ['0001-01-01', '0001-01-01', '0001-W01'],
])('%s lies in the week that begins on %s, %s', (day, monday, key) => {
  expect(periodStart('week', day)).toBe(monday);
  expect(periodKey('week', monday)).toBe(key);
});

describe.each(PERIODS)('%s', (period) => {
  it('follows without gap or overlap, through leap days and ends of years', () => {
    let start = periodStart(period, '2015-12-30');
    for (let count = 0; count < 500 && start < '2021-01-01'; count += 1) {
      const next = nextPeriod(period, start);
      expect(periodStart(period, periodEnd(period, start))).toBe(start);
      expect(periodStart(period, next)).toBe(next);
      expect(next > periodEnd(period, start)).toBe(true);
      start = next;
    }
    expect(periodStart(period, start)).toBe(start);
  });
});

it('names months and years', () => {
  expect(periodKey('month', '2018-10-01')).toBe('2018-10');
  expect(periodKey('year', '2018-01-01')).toBe('2018');
  expect(periodEnd('month', '2016-02-01')).toBe('2016-02-29');
});
