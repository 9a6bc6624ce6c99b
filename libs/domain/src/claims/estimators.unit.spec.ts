import { type EstimatorInput, estimate } from '#app/domain';

const claim = (value: number | null, rest: Partial<EstimatorInput> = {}): EstimatorInput => ({
  value,
  point: null,
  report: 0,
  key: 'a',
  ...rest,
});

describe('estimators', () => {
  it('take the lower of two middles as the median', () => {
    expect(estimate([claim(4), claim(1)])).toMatchObject({ conservative: 1, median: 1, max: 4 });
    expect(estimate([claim(9), claim(1), claim(7), claim(3)])).toMatchObject({ median: 3 });
  });

  it('sort numbers as numbers', () => {
    expect(estimate([claim(10), claim(9), claim(2)])).toMatchObject({ conservative: 2, median: 9, max: 10 });
  });

  it('take the latest report, and of two claimants in it the one with the greater key, in any order', () => {
    const claims = [claim(1, { report: 1, key: 'b' }), claim(2, { report: 1, key: 'a' }), claim(3, { key: 'z' })];
    expect(estimate(claims).latest).toBe(1);
    expect(estimate(claims.toReversed()).latest).toBe(1);
  });

  it('take the latest of the publishers’ own points as the best, which need not be the latest claim', () => {
    const claims = [claim(3, { point: 3 }), claim(5, { point: 5, report: 1 }), claim(8, { report: 2 })];
    expect(estimate(claims)).toMatchObject({ best: 5, latest: 8 });
    expect(estimate([claim(3)]).best).toBeNull();
  });

  it('leave unknown numbers out, and have no point when nothing is left', () => {
    expect(estimate([claim(null, { report: 9 }), claim(2), claim(4, { report: 1 })])).toMatchObject({
      conservative: 2,
      latest: 4,
    });
    const none = { conservative: null, median: null, max: null, latest: null, best: null };
    expect(estimate([claim(null)])).toEqual(none);
    expect(estimate([claim(null), claim(null)])).toEqual(none);
    expect(estimate([])).toEqual(none);
  });
});
