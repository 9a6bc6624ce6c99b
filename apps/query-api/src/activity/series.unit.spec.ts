import { describe, expect, it } from '@jest/globals';
import { describeSeries, fillPeriods } from './series.js';

const months = (values: number[]) =>
  describeSeries(
    values.map((value, index) => [`2018-${String(index + 1).padStart(2, '0')}-01`, value]),
    'month',
  );

describe('a series', () => {
  it('compares each period with the one before and with the mean of those before', () => {
    expect(months([4, 6, 0, 5])).toMatchObject([
      { period: '2018-01', change: null, trailingMean: null },
      { change: { absolute: 2, percent: 50 }, trailingMean: { periods: 1, mean: 4, difference: 2 } },
      { change: { absolute: -6, percent: -100 }, trailingMean: { periods: 2, mean: 5, difference: -5 } },
      { change: { absolute: 5, percent: null }, trailingMean: { periods: 3, mean: 3.3, difference: 1.7 } },
    ]);
  });

  it('says since when a period is the lowest or the highest', () => {
    const record = (values: number[]) => months(values).at(-1)?.record;
    expect(record([3, 9, 8, 5])).toEqual({ kind: 'lowest', since: '2018-01', periods: 2 });
    expect(record([5, 9, 8, 5])).toEqual({ kind: 'lowest', since: '2018-01', periods: 2 });
    expect(record([9, 8, 7])).toEqual({ kind: 'lowest', since: null, periods: 2 });
    expect(record([9, 1, 2, 8])).toEqual({ kind: 'highest', since: '2018-01', periods: 2 });
    expect(record([4, 4])).toBeNull();
    expect(record([4])).toBeNull();
  });

  it('has a point for every period, those without incidents included', () => {
    const counts = new Map([
      ['2018-01-01', 2],
      ['2018-03-01', 1],
    ]);
    expect(fillPeriods(counts, 'month', '2018-01-01', '2018-04-01')).toEqual([
      ['2018-01-01', 2],
      ['2018-02-01', 0],
      ['2018-03-01', 1],
      ['2018-04-01', 0],
    ]);
    expect(fillPeriods(new Map(), 'year', '9998-01-01', '9999-01-01')).toHaveLength(2);
  });
});
