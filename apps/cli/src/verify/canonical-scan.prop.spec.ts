import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalize } from '#app/log';
import { scanLeaf } from './canonical-scan.js';

const text = fc.string({ unit: 'binary', maxLength: 8 });
const key = fc.oneof(
  text,
  fc.nat().map(String),
  fc.constantFrom('__proto__', 'log', 'position', 'recordedAt', 'ﬀ', '😀', ''),
);
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.constantFrom(0, 1e21, 2 ** 53, 1e15, 999999999999999),
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    number,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc
    .array(fc.tuple(key, tie('value')), { maxLength: 6 })
    .map(
      (entries) =>
        JSON.parse(`{${entries.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(',')}}`) as object,
    ),
})).object;

/** The definition that the scan must agree with: a JSON object that is written as RFC 8785 writes what it says. */
function isCanonical(bytes: Buffer): boolean {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
    return isObject && Buffer.from(canonicalize(parsed)).equals(bytes);
  } catch {
    return false;
  }
}

describe('the scan of a leaf', () => {
  it('accepts what canonicalize writes, and reads from it what the leaf says about itself', () => {
    fc.assert(
      fc.property(json, (value) => {
        const { log, position, recordedAt } = value as Record<string, unknown>;
        expect(scanLeaf(Buffer.from(canonicalize(value)))).toEqual({
          log: typeof log === 'string' ? log : null,
          position: typeof position === 'number' ? position : null,
          recordedAt: typeof recordedAt === 'string' ? recordedAt : null,
        });
      }),
      { numRuns: 1000 },
    );
  });

  it('accepts the text that JSON.stringify writes in any order exactly when it is canonical', () => {
    fc.assert(
      fc.property(json, (value) => {
        const bytes = Buffer.from(JSON.stringify(value));
        expect(typeof scanLeaf(bytes) === 'object').toBe(isCanonical(bytes));
      }),
      { numRuns: 1000 },
    );
  });

  it('accepts a text that was changed somewhere exactly when it is still canonical', () => {
    const piece = fc.oneof(
      fc.constantFrom(...Array.from('{}[],:"\\ 0123456789-+.eEtrufalsn\u0000\u001f\u007f')),
      fc.constantFrom(
        '\\u0041',
        '\\u001F',
        '\\u001f',
        '\\/',
        '\\n',
        '\\u000a',
        '\\ud83d\\ude00',
        '-0',
        '1.0',
        '01',
        '1e5',
        '1E400',
        ' ',
        '"a":1,',
        ',"a":1',
        'null',
      ),
    );
    fc.assert(
      fc.property(json, fc.nat(), fc.nat(3), piece, (value, at, removed, inserted) => {
        const before = Buffer.from(canonicalize(value));
        const cut = at % (before.length + 1);
        const bytes = Buffer.concat([before.subarray(0, cut), Buffer.from(inserted), before.subarray(cut + removed)]);
        expect(typeof scanLeaf(bytes) === 'object').toBe(isCanonical(bytes));
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['{"a":1}\n', 'something follows'],
    ['\ufeff{}', 'not an object'],
    ['[]', 'not an object'],
    ['', 'not an object'],
    ['{"b":1,"a":2}', 'not in order'],
    ['{"a":1,"a":2}', 'there twice'],
    ['{"\\ufb33":1,"😀":2}', 'escaped'],
    ['{"ﬀ":1,"😀":2}', 'not in order'],
    ['{"a":1.0}', 'number'],
    ['{"a":-0}', 'number'],
    ['{"a":1e400}', 'number'],
    ['{"a":"\u0001"}', 'control character'],
    ['{"a":"\\ud800"}', 'escaped'],
    ['{"a":"', 'ends within'],
    [`{"a":${'['.repeat(2000)}${']'.repeat(2000)}}`, 'nested deeper'],
  ])('refuses %j and says why', (leaf, reason) => expect(scanLeaf(Buffer.from(leaf))).toContain(reason));

  it('refuses bytes that are not UTF-8', () => {
    expect(scanLeaf(Buffer.from('{"a":"\xff"}', 'latin1'))).toBe('it is not UTF-8');
  });
});
