import { describe, expect, it } from '@jest/globals';
import { boxesTogether, NO_VALUES, openerOf, pointersOf } from './boxes.js';
import { derivedSalt, open, seal, sealTogether, sealValue, valueIn } from './sealing.js';

const place = { log: '018f3c1e-0000-7000-8000-000000000001', eventId: '018f3c1e-0000-7000-8000-000000000002' };
const key = Buffer.alloc(32, 5);
const values = new Map<string, unknown>([
  ['/summary', 'the summary'],
  ['/tags/0', 'é'],
  ['/confidential/notes', { a: [1, null] }],
]);
const row = (boxes: string) => ({ log: place.log, event_id: place.eventId, boxes });

describe('a row of sealed values', () => {
  it('holds several values in one box, each of which opens alone and is what was committed to', () => {
    const { digests, ranges, box } = sealTogether(place, values, key);
    const sealed = row(boxesTogether(box, ranges));
    expect(pointersOf(sealed)).toEqual(['', ...values.keys()]);
    const openingOf = openerOf(sealed, key);
    for (const [pointer, value] of values) {
      const opening = openingOf(pointer) as Buffer;
      expect(valueIn(opening, { ...place, pointer }, digests[pointer])).toEqual(value);
      expect(() => valueIn(opening, { ...place, pointer }, digests['/other'] ?? 'x')).toThrow('another value');
    }
    expect(openingOf('')).toEqual(derivedSalt(key));
    expect(openingOf('/other')).toBeUndefined();
    expect(openingOf('constructor')).toBeUndefined();
  });

  it('opens under no other key and for no other event', () => {
    const { ranges, box } = sealTogether(place, values, key);
    const boxes = boxesTogether(box, ranges);
    expect(() => openerOf(row(boxes), Buffer.alloc(32, 6))('/summary')).toThrow('does not open');
    expect(() => openerOf({ ...row(boxes), event_id: place.log }, key)('/summary')).toThrow('does not open');
  });

  it('of an earlier version, a box for each pointer, is read as ever', () => {
    const { digest, box } = sealValue({ ...place, pointer: '/summary' }, 'then', key);
    const salt = Buffer.alloc(16, 9);
    const saltBox = seal({ ...place, pointer: '' }, salt, key).toString('base64url');
    const openingOf = openerOf(row(JSON.stringify({ '': saltBox, '/summary': box })), key);
    expect(openingOf('')).toEqual(salt);
    expect(valueIn(openingOf('/summary') as Buffer, { ...place, pointer: '/summary' }, digest)).toBe('then');
  });

  it('of an event without values has only the salt that follows from its key', () => {
    expect(pointersOf(row(NO_VALUES))).toEqual(['']);
    expect(openerOf(row(NO_VALUES), key)('')).toEqual(derivedSalt(key));
    expect(derivedSalt(key)).not.toEqual(derivedSalt(Buffer.alloc(32, 6)));
  });

  it('holds what is too large for the place where usual values are put together', () => {
    const large = new Map<string, unknown>([...values, ['/notes', 'x'.repeat(200_000)], ['/last', 1]]);
    const { digests, ranges, box } = sealTogether(place, large, key);
    const openingOf = openerOf(row(boxesTogether(box, ranges)), key);
    for (const [pointer, value] of large) {
      expect(valueIn(openingOf(pointer) as Buffer, { ...place, pointer }, digests[pointer])).toEqual(value);
    }
    expect(() => open({ ...place, pointer: '/notes' }, Buffer.from(box, 'base64url'), key)).toThrow('does not open');
  });
});
