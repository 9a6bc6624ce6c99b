import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hash } from 'node:crypto';
import { canonicalize } from './canonical-json.js';
import { checkDisclosure, type Disclosure, formatDisclosure, makeDisclosure, parseDisclosure } from './disclosure.js';

const LOG = '019a0000-0000-7000-8000-000000000001';
const salt = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');

/** A leaf of one committed value, and what its digest was computed of. */
function committed(pointer: string, value: unknown): { leaf: string; opening: Buffer } {
  const opening = Buffer.concat([salt, Buffer.from(canonicalize([pointer, value]))]);
  const sd = { [pointer]: hash('sha256', opening, 'base64url') };
  const leaf = { id: 'an-event', log: LOG, position: 7, sd, type: 'ReportRecorded' };
  return { leaf: canonicalize(leaf), opening };
}

function disclosed(pointer: string, value: unknown): { leaf: string; disclosure: Disclosure } {
  const { leaf, opening } = committed(pointer, value);
  return { leaf, disclosure: makeDisclosure(leaf, { pointer, opening, proof: null }) };
}

describe('a disclosure', () => {
  it('has the digest that the documents tell how to compute', () => {
    const { leaf } = committed('/summary', 'two cars');
    // echo -n of the 16 bytes of the salt and ["/summary","two cars"], through sha256sum.
    expect(JSON.parse(leaf)).toMatchObject({ sd: { '/summary': 'wnP23_tbPzbf3dumAyNeofCbRdROoKVca2q4vdUVsJQ' } });
  });

  it('of any JSON value is found to be what the leaf committed to, also after a file', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(isCanonical(value));
        const { leaf, disclosure } = disclosed('/confidential/notes', value);
        const read = parseDisclosure(formatDisclosure(disclosure));
        expect(read).toEqual(disclosure);
        expect(checkDisclosure(read, leaf)).toEqual({ kind: 'DISCLOSED', eventId: 'an-event', type: 'ReportRecorded' });
      }),
    );
  });

  const { leaf, disclosure } = disclosed('/confidential/victims/0', { subjectRef: 'v-1', name: 'a name' });
  it.each<[string, Partial<Disclosure>, RegExp]>([
    ['another value', { value: { subjectRef: 'v-1', name: 'another' } }, /another value/],
    ['the value as a text', { value: '{"subjectRef":"v-1","name":"a name"}' }, /another value/],
    ['another salt', { salt: Buffer.alloc(16).toString('base64url') }, /with another salt/],
    ['another place', { pointer: '/confidential/victims/1' }, /committed to nothing/],
    ['a member of every object', { pointer: 'constructor' }, /committed to nothing/],
    ['another position', { position: 8 }, /at position 7, not at 8/],
    ['another log', { log: LOG.replace('1', '2') }, /not of/],
    ['a text that no JSON can hold', { value: '\uD800' }, /no canonical JSON text/],
  ])('is refuted when it shows %s', (_, changed, reason) => {
    expect(checkDisclosure({ ...disclosure, ...changed }, leaf)).toEqual({
      kind: 'REFUTED',
      reason: expect.stringMatching(reason) as unknown,
    });
  });

  it('is refuted by what is no leaf', () => {
    for (const text of ['', 'null', '[]', '{"sd":null}', 'nonsense']) {
      expect(checkDisclosure(disclosure, text)).toMatchObject({ kind: 'REFUTED' });
    }
  });

  it('is not made of what the leaf did not commit to', () => {
    const { opening } = committed('/summary', 'two cars');
    expect(() => makeDisclosure(leaf, { pointer: '/summary', opening, proof: null })).toThrow('committed to nothing');
  });

  it.each([
    ['no JSON', 'nonsense', 'not JSON'],
    ['a list', '[]', 'not a JSON object'],
    ['another version', JSON.stringify({ ...disclosure, v: 2 }), 'version 1'],
    ['no value', JSON.stringify({ ...disclosure, value: undefined }), 'the value'],
    ['a position that is none', JSON.stringify({ ...disclosure, position: -1 }), 'position'],
    ['a salt that is too short', JSON.stringify({ ...disclosure, salt: 'AAAA' }), 'salt'],
    ['no proof, not even null', JSON.stringify({ ...disclosure, proof: undefined }), 'proof'],
  ])('file with %s is refused', (_, text, sentence) => {
    expect(() => parseDisclosure(text)).toThrow(sentence);
  });

  it('file drives no terminal, whatever the value says', () => {
    const text = formatDisclosure(disclosed('/summary', 'a\u202Eb\u200Dc\u009Bd\u{E0001}e\u001Bf').disclosure);
    expect(text).not.toContain('\u001B');
    expect(text).not.toMatch(/[\p{Cf}\u007F-\u009F]/u);
    expect(parseDisclosure(text).value).toBe('a\u202Eb\u200Dc\u009Bd\u{E0001}e\u001Bf');
  });
});

function isCanonical(value: unknown): boolean {
  try {
    canonicalize(value);
    return true;
  } catch {
    return false;
  }
}
