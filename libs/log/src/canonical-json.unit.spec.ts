import { describe, expect, it } from '@jest/globals';
import { canonicalize } from './canonical-json.js';

describe('canonicalize', () => {
  it('writes the examples of RFC 8785', () => {
    const numbers = [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001];
    const string = '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/';
    expect(canonicalize({ numbers, string, literals: [null, true, false] })).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
    const sorting = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 };
    expect(Object.values(JSON.parse(canonicalize(sorting)) as object)).toHaveLength(7);
    expect(canonicalize(sorting)).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}');
  });

  it('orders integer-like keys as text', () => {
    expect(canonicalize({ a: { '9': 1, '10': 2, '!': 3 } })).toBe('{"a":{"!":3,"10":2,"9":1}}');
  });

  it('leaves undefined members out and does not change what it was given', () => {
    const given = { b: 1, a: undefined, c: [{ z: 1, y: 2 }] };
    expect(canonicalize(given)).toBe('{"b":1,"c":[{"y":2,"z":1}]}');
    expect(Object.keys(given)).toEqual(['b', 'a', 'c']);
    expect(Object.keys(given.c[0]!)).toEqual(['z', 'y']);
  });

  it('writes -0 as 0', () => {
    expect(canonicalize([-0])).toBe('[0]');
  });

  it.each([[Number.NaN], [Infinity], [1n], [undefined], [() => 1], [new Date(0)], [new Map()], [[undefined]]])(
    'refuses %p',
    (value) => {
      expect(() => canonicalize([value])).toThrow(expect.objectContaining({ name: 'NotCanonicalError' }));
    },
  );
});
