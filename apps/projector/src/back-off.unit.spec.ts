import { describe, expect, it } from '@jest/globals';
import { BackOff } from './back-off.js';

describe('a back-off', () => {
  it('grows to its longest pause and no further', () => {
    const backOff = new BackOff(10, 50, 2);
    expect([backOff.next(), backOff.next(), backOff.next(), backOff.next(), backOff.next()]).toEqual([
      10, 20, 40, 50, 50,
    ]);
  });

  it('starts small again once something worked', () => {
    const backOff = new BackOff(10, 50, 2);
    backOff.next();
    backOff.next();
    backOff.reset();
    expect(backOff.next()).toBe(10);
  });
});
