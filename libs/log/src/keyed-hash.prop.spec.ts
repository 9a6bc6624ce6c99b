import { createHmac, createSecretKey } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { keyedHash } from './keyed-hash.js';

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.tuple(fc.string({ unit: 'grapheme', minLength: 1 }), fc.nat(30_000)).map(([part, times]) => part.repeat(times)),
);

describe('the keyed hash', () => {
  it('is the HMAC-SHA256 of the library, for keys and texts of every length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 150 }), text, (bytes, said) => {
        const key = createSecretKey(bytes);
        const plain = createHmac('sha256', bytes).update(said).digest('hex');
        expect(keyedHash(key, said)).toBe(plain);
        expect(keyedHash(key, said)).toBe(plain);
      }),
      { numRuns: 300 },
    );
  });
});
