import * as fc from 'fast-check';
import { decodeMessage } from './decode-message.js';
import { parseStrictJson } from './strict-json.js';

/** Code units of any kind would be refused for their surrogates; this is about everything else. */
const text = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\u0000'));
const number = fc.oneof(
  fc.integer(),
  fc
    .double({ noNaN: true, noDefaultInfinity: true, min: -9e15, max: 9e15 })
    .filter((value) => !Number.isInteger(value)),
);
const { tree } = fc.letrec<{ tree: unknown; leaf: unknown }>((tie) => ({
  leaf: fc.oneof(text, number, fc.boolean(), fc.constant(null)),
  tree: fc.oneof(
    { maxDepth: 5 },
    tie('leaf'),
    fc.array(tie('tree'), { maxLength: 5 }),
    fc.dictionary(
      text.filter((name) => name !== '__proto__'),
      tie('tree'),
      { maxKeys: 5 },
    ),
  ),
}));

/** Every character of a JSON text as a \u escape where it may be one. */
const escaped = (json: string): string =>
  json.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

it('reads whatever JSON.stringify writes, plain, indented or escaped, as JSON.parse does', () => {
  fc.assert(
    fc.property(tree, (value) => {
      const json = JSON.stringify(value);
      for (const form of [json, JSON.stringify(value, null, 2), escaped(json)]) {
        expect(parseStrictJson(Buffer.from(form))).toEqual({ ok: true, value: JSON.parse(json) as unknown });
      }
    }),
    { numRuns: 1000 },
  );
});

it('finds a duplicate wherever it is put', () => {
  fc.assert(
    fc.property(tree, tree, text, (before, inner, name) => {
      fc.pre(name !== '__proto__');
      const key = JSON.stringify(name);
      const other = escaped(key).replace(
        /^"([a-z])/u,
        (_all, letter: string) => `"\\u00${letter.charCodeAt(0).toString(16)}`,
      );
      const json = `[${JSON.stringify(before)},{${key}:1,"another name":${JSON.stringify(inner)},${other}:2}]`;
      const read = parseStrictJson(Buffer.from(json));
      expect(!read.ok && read.problems.map(({ code }) => code)).toEqual(['DUPLICATE_MEMBER']);
    }),
  );
});

it('never throws, whatever the bytes and headers', () => {
  const headers = fc.dictionary(
    fc.oneof(fc.constantFrom('content-type', 'ce_id', 'ce_source', 'ce_type', 'ce_specversion'), fc.string()),
    fc
      .oneof(fc.uint8Array(), fc.constantFrom('1.0', 'application/cloudevents+json', 'application/json'))
      .map((value) => Buffer.from(value as string)),
  );
  const value = fc.option(
    fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.json()).map((given) => Buffer.from(given as string)),
  );
  fc.assert(
    fc.property(value, headers, (bytes, given) => {
      expect(['event', 'unreadable']).toContain(decodeMessage({ value: bytes, headers: given }).kind);
    }),
    { numRuns: 2000 },
  );
});
