import { backOffMs } from './back-off.js';

describe('the wait before another attempt', () => {
  it('doubles from 0.1 s and stops at 15 s', () => {
    const longest = [0, 1, 2, 5, 8, 30, 1000].map((attempt) => backOffMs(attempt, () => 1));
    expect(longest).toEqual([100, 200, 400, 3200, 15_000, 15_000, 15_000]);
  });

  it('is at least half of that, the rest at random', () => {
    expect(backOffMs(3, () => 0)).toBe(400);
    expect(backOffMs(3, () => 0.5)).toBe(600);
  });
});
