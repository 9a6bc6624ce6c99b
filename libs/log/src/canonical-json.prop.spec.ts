import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalize } from './canonical-json.js';

/** RFC 8785 §3.2, written down a second time, plainly. */
function reference(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(reference).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${reference(member)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

const wellFormed = fc.string({ unit: 'binary' });
/** Keys that JavaScript would put first, that change a prototype, that sort differently by code point. */
const key = fc.oneof(
  wellFormed,
  fc.nat().map(String),
  fc.constantFrom('__proto__', 'toJSON', '10', '9', '\ufb33', '😀', ''),
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    wellFormed,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(key, tie('value')), { maxLength: 6 })
      .map((entries) =>
        JSON.parse(`{${entries.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(',')}}`),
      ),
  ),
})).value;

describe('canonical JSON', () => {
  it('equals a plain second writing of RFC 8785 for every JSON value', () => {
    fc.assert(
      fc.property(json, (value) => expect(canonicalize(value)).toBe(reference(value))),
      { numRuns: 2000 },
    );
  });

  it('is a fixed point: writing what was read gives the same text', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalize(value);
        expect(canonicalize(JSON.parse(text))).toBe(text);
      }),
    );
  });

  it('does not depend on the order of members', () => {
    const members = fc.uniqueArray(fc.tuple(key, fc.nat()), { selector: ([name]) => name, maxLength: 8 });
    fc.assert(
      fc.property(members, (entries) => {
        const one = canonicalize(Object.fromEntries(entries));
        expect(canonicalize(Object.fromEntries(entries.toReversed()))).toBe(one);
      }),
    );
  });

  it('refuses a lone surrogate wherever it stands, and no text without one', () => {
    const lone = fc.constantFrom('\ud800', '\udbff', '\udc00', '\udfff', 'a\ud800b', '\\\ud912', '\\\\\udead');
    fc.assert(
      fc.property(lone, wellFormed, (bad, good) => {
        expect(() => canonicalize({ a: [bad + ' ' + good] })).toThrow('lone surrogate');
        expect(() => canonicalize({ [bad]: 1 })).toThrow('lone surrogate');
        expect(() => canonicalize(`${good}\\ud800\\\\udfff`)).not.toThrow();
      }),
    );
  });
});
