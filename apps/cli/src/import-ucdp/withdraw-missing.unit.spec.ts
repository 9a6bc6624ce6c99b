import { parseRelease } from './release.js';
import { periodOf } from './withdraw-missing.js';

describe('the period in which a file may withdraw', () => {
  it.each([
    ['19.1', { from: '1989-01-01', to: '2018-12-31' }],
    ['24.0.2', { from: '2024-02-01', to: '2024-02-29' }],
    ['24.01.24.09', { from: '2024-01-01', to: '2024-09-30' }],
    ['24.0.12', { from: '2024-12-01', to: '2024-12-31' }],
  ])('is, for release %s, %j', (name, period) => {
    expect(periodOf({ release: parseRelease(name), oldestYear: 1989, newestYear: 2018 })).toEqual(period);
  });
});
