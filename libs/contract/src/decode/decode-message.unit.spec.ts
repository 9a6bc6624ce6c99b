import { binary, sampleEvent, sampleReport, STRUCTURED, structured } from '../testing/sample-messages.js';
import { TYPES } from '../topics.js';
import { type Decoded, decodeMessage, type RawMessage } from './decode-message.js';

const text = JSON.stringify(sampleEvent());
const withText = (member: string): RawMessage => structured(text.replace('"tags":["mosul"]', `"tags":${member}`));
const codes = (decoded: Decoded): string[] =>
  decoded.kind === 'unreadable'
    ? decoded.problems.map(({ code, pointer }) => `${code} ${pointer}`.trim())
    : ['readable'];

describe('a good message', () => {
  it('is read in structured mode', () => {
    const decoded = decodeMessage(structured(sampleEvent(sampleReport(), { subject: 's', partitionkey: 'k', n: 3 })));
    expect(decoded).toEqual({
      kind: 'event',
      mode: 'structured',
      cloudEvent: {
        id: 'e-1',
        source: 'urn:publisher:mosul-eye',
        type: TYPES.REPORT,
        time: '2018-11-09T07:12:00.123Z',
        subject: 's',
      },
      data: sampleReport(),
    });
  });

  it('is read in binary mode, with the same meaning', () => {
    const decoded = decodeMessage(binary(sampleReport(), { ce_time: Buffer.from('2018-11-09T07:12:00.123Z') }));
    const asStructured = decodeMessage(structured(sampleEvent()));
    expect(decoded).toEqual({ ...asStructured, mode: 'binary' });
  });

  it.each([
    'application/cloudevents+json',
    'APPLICATION/CloudEvents+JSON',
    'application/cloudevents+json;charset=utf-8',
    'application/cloudevents+json; charset="UTF-8"',
  ])('is structured with content type %s', (contentType) => {
    expect(decodeMessage({ ...structured(text), headers: { 'Content-Type': contentType } }).kind).toBe('event');
  });

  it('may have no content type in binary mode', () => {
    expect(decodeMessage(binary(sampleReport(), { 'content-type': undefined })).kind).toBe('event');
  });

  it.each([
    ['escaped letters of any script', '["\\u0645\\u0648\\u0635\\u0644", "\\ud83d\\ude00", "caf\\u00e9"]'],
    ['an escaped backslash before u0000', '["\\\\u0000"]'],
    [
      'long decimals and harmless exponents',
      '[36.34000000000000341, 1.5e3, 1E2, 100e-2, 0.000e5, -0, 9007199254740991]',
    ],
    ['blanks between tokens', ' [ "a" ,\t"b" ] '],
    ['32 levels', `${'['.repeat(30)}${']'.repeat(30)}`],
    ['equal names in different objects', '[{"a":{"a":1}},{"a":2}]'],
    ['colons, braces and quotes inside strings', '["a:b{[\\"c\\":1}"]'],
  ])('may hold %s', (_title, member) => {
    expect(codes(decodeMessage(withText(member)))).toEqual(['readable']);
  });

  it('takes the trace context from the header or the extension, and ignores a malformed one', () => {
    const trace = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const message = structured(text);
    const traced = decodeMessage({ ...message, headers: { ...message.headers, traceparent: trace } });
    expect(traced).toMatchObject({ cloudEvent: { traceparent: trace } });
    expect(decodeMessage(structured(sampleEvent({}, { traceparent: trace })))).toMatchObject({
      cloudEvent: { traceparent: trace },
    });
    expect(decodeMessage(binary({}, { ce_traceparent: trace }))).toMatchObject({ cloudEvent: { traceparent: trace } });
    const malformed = decodeMessage({ ...message, headers: { ...message.headers, traceparent: 'zz' } });
    expect(malformed.kind === 'event' && 'traceparent' in malformed.cloudEvent).toBe(false);
  });
});

describe('hostile bytes', () => {
  const invalidUtf8 = Buffer.from(text.replace('"mosul"', '"mos\u00ffl"'), 'latin1');
  it.each<[string, RawMessage, string]>([
    ['a tombstone in structured mode', { ...structured(''), value: null }, 'TOMBSTONE'],
    ['a tombstone in binary mode', binary(null), 'TOMBSTONE'],
    ['a tombstone without headers', { value: null }, 'TOMBSTONE'],
    ['an empty value', structured(''), 'EMPTY_MESSAGE'],
    ['an empty value without headers', { value: Buffer.alloc(0), headers: {} }, 'EMPTY_MESSAGE'],
    ['blanks only', structured('  \n'), 'NOT_JSON'],
    ['no JSON', structured('not json at all'), 'NOT_JSON'],
    ['JSON with more behind it', structured(`${text} x`), 'NOT_JSON'],
    ['a truncated object', structured(text.slice(0, -3)), 'NOT_JSON'],
    ['an unfinished string', structured('{"a":"b\\'), 'NOT_JSON'],
    ['a comment', structured(`/* */${text}`), 'NOT_JSON'],
    ['NaN', structured('{"a":NaN}'), 'NOT_JSON'],
    ['a raw line break in a string', withText('["a\nb"]'), 'NOT_JSON'],
    ['2 MB', structured(sampleEvent({ ...sampleReport(), summary: 'x'.repeat(2_000_000) })), 'MESSAGE_TOO_LARGE'],
    ['one byte more than 1 MiB', structured(`${text}${' '.repeat(1_048_577 - text.length)}`), 'MESSAGE_TOO_LARGE'],
    ['bad UTF-8', structured(invalidUtf8), 'INVALID_UTF8'],
    ['an overlong encoding', structured(Buffer.from([0x22, 0xc0, 0x80, 0x22])), 'INVALID_UTF8'],
    ['a surrogate in UTF-8', structured(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])), 'INVALID_UTF8'],
    ['UTF-16', structured(Buffer.from(`\ufeff${text}`, 'utf16le')), 'INVALID_UTF8'],
    ['a byte order mark', structured(`\ufeff${text}`), 'BYTE_ORDER_MARK'],
    ['a NUL byte', structured(text.replace('"mosul"', '"mo\u0000sul"')), 'NUL_CHARACTER'],
    ['a NUL escape', withText('["mo\\u0000sul"]'), 'NUL_CHARACTER /data/tags/0'],
    ['a NUL escape after an escaped backslash', withText('["\\\\\\u0000"]'), 'NUL_CHARACTER /data/tags/0'],
    ['a NUL in a member name', withText('{"\\u0000":1}'), 'NUL_CHARACTER /data/tags'],
    ['a lone high surrogate', withText('["\\ud800"]'), 'LONE_SURROGATE /data/tags/0'],
    ['a lone low surrogate', withText('["a\\uDFFFb"]'), 'LONE_SURROGATE /data/tags/0'],
    ['surrogates the wrong way round', withText('["\\udc00\\ud800"]'), 'LONE_SURROGATE /data/tags/0'],
    ['a lone surrogate in a member name', withText('{"\\ud800":1}'), 'LONE_SURROGATE /data/tags'],
    ['a duplicate member', withText('{"a":1,"b":2,"a":3}'), 'DUPLICATE_MEMBER /data/tags/a'],
    ['a duplicate member by way of an escape', withText('{"a":1,"\\u0061":3}'), 'DUPLICATE_MEMBER /data/tags/a'],
    ['a duplicate deep inside', withText('[[{"x":{"k~/":1,"k~/":1}}]]'), 'DUPLICATE_MEMBER /data/tags/0/0/x/k~0~1'],
    ['a duplicate attribute', structured(text.replace('{', '{"id":"other",')), 'DUPLICATE_MEMBER /id'],
    ['1e400', withText('[1e400]'), 'NUMBER_NOT_FINITE /data/tags/0'],
    ['-1E+999', withText('[-1E+999]'), 'NUMBER_NOT_FINITE /data/tags/0'],
    ['2^53 + 1', withText('[9007199254740993]'), 'NUMBER_NOT_EXACT /data/tags/0'],
    ['2^53', withText('[9007199254740992]'), 'NUMBER_NOT_EXACT /data/tags/0'],
    ['1e20', withText('[1e20]'), 'NUMBER_NOT_EXACT /data/tags/0'],
    ['a fraction that reads as whole', withText('[3.00000000000000000001]'), 'NUMBER_NOT_EXACT /data/tags/0'],
    ['a fraction that reads as zero', withText('[1e-400]'), 'NUMBER_NOT_EXACT /data/tags/0'],
    ['33 levels', withText(`${'['.repeat(31)}${']'.repeat(31)}`), 'NESTING_TOO_DEEP'],
    ['200,000 levels', structured('['.repeat(200_000)), 'NESTING_TOO_DEEP'],
    ['200,000 levels of objects', structured('{"a":'.repeat(200_000)), 'NESTING_TOO_DEEP'],
    ['__proto__', withText('{"__proto__":{"polluted":true}}'), 'RESERVED_MEMBER /data/tags/__proto__'],
    ['__proto__ by way of an escape', withText('{"\\u005f_proto__":1}'), 'RESERVED_MEMBER /data/tags/__proto__'],
  ])('%s', (_title, message, code) => {
    const decoded = decodeMessage(message);
    expect(codes(decoded)).toEqual([code]);
    expect(decoded).toMatchObject({ kind: 'unreadable', code: code.split(' ')[0] });
  });

  it('reports every breach, and bad data in binary mode under /data', () => {
    const decoded = decodeMessage(binary('{"a":1e400,"a":["\\u0000"],"b":9007199254740993}'));
    expect(codes(decoded)).toEqual([
      'NUMBER_NOT_FINITE /data/a',
      'DUPLICATE_MEMBER /data/a',
      'NUL_CHARACTER /data/a/0',
      'NUMBER_NOT_EXACT /data/b',
    ]);
    expect(decoded).toMatchObject({ ceId: 'e-1', ceSource: 'urn:publisher:mosul-eye', ceType: TYPES.REPORT });
  });

  it('never lets a member name fill the answer, nor cuts a character in half', () => {
    const name = '😀'.repeat(5000);
    const decoded = decodeMessage(withText(`{"${name}":1,"${name}":2}`));
    const [found] = decoded.kind === 'unreadable' ? decoded.problems : [];
    expect(found?.pointer.length).toBeLessThan(100);
    expect(found?.pointer).not.toMatch(/\p{Surrogate}/u);
  });

  it('gives at most 100 problems', () => {
    const decoded = decodeMessage(withText(`[${'1e400,'.repeat(5000)}1]`));
    expect(decoded.kind === 'unreadable' && decoded.problems.length).toBe(100);
  });
});

describe('what is no acceptable CloudEvent', () => {
  const event = (more: object): RawMessage => structured({ ...sampleEvent({}), ...more });
  const headers = (contentType: string): RawMessage => ({
    ...structured(text),
    headers: { 'content-type': contentType },
  });
  it.each<[string, RawMessage, string[]]>([
    ['no headers at all', { value: Buffer.from(text) }, ['NOT_A_CLOUDEVENT']],
    ['plain JSON', headers('application/json'), ['NOT_A_CLOUDEVENT']],
    ['a batch', headers('application/cloudevents-batch+json'), ['BATCH_NOT_SUPPORTED']],
    ['Avro', headers('application/cloudevents+avro'), ['CONTENT_TYPE_NOT_SUPPORTED']],
    ['no format', headers('application/cloudevents'), ['CONTENT_TYPE_NOT_SUPPORTED']],
    ['Latin-1', headers('application/cloudevents+json; charset=iso-8859-1'), ['CONTENT_TYPE_NOT_SUPPORTED']],
    ['binary XML', binary('<a/>', { 'content-type': 'text/xml' }), ['CONTENT_TYPE_NOT_SUPPORTED']],
    ['an array', structured('[]'), ['NOT_A_CLOUDEVENT']],
    ['null', structured('null'), ['NOT_A_CLOUDEVENT']],
    ['a string', structured('"x"'), ['NOT_A_CLOUDEVENT']],
    ['specversion 0.3', event({ specversion: '0.3' }), ['SPECVERSION_NOT_SUPPORTED /specversion']],
    ['specversion 1', event({ specversion: 1 }), ['SPECVERSION_NOT_SUPPORTED /specversion']],
    ['no id', event({ id: undefined }), ['ATTRIBUTE_MISSING /id']],
    ['a null type', event({ type: null }), ['ATTRIBUTE_MISSING /type']],
    ['an empty id', event({ id: '' }), ['ATTRIBUTE_INVALID /id']],
    ['a number as id', event({ id: 7 }), ['ATTRIBUTE_INVALID /id']],
    ['an object as source', event({ source: {} }), ['ATTRIBUTE_INVALID /source']],
    ['a source with a bar, which the message key uses', event({ source: 'a|b' }), ['ATTRIBUTE_INVALID /source']],
    ['a source with a blank', event({ source: 'a b' }), ['ATTRIBUTE_INVALID /source']],
    ['an endless id', event({ id: 'x'.repeat(257) }), ['ATTRIBUTE_INVALID /id']],
    ['a control character in the subject', event({ subject: 'a\u001eb' }), ['ATTRIBUTE_INVALID /subject']],
    ['a time that is none', event({ time: 'yesterday' }), ['ATTRIBUTE_INVALID /time']],
    ['an extension in capitals', event({ partitionKey: 'x' }), ['ATTRIBUTE_INVALID']],
    ['an object as extension', event({ ext: {} }), ['ATTRIBUTE_INVALID /ext']],
    ['base64', event({ data: undefined, data_base64: 'e30=' }), ['DATA_NOT_JSON /data_base64']],
    ['XML inside', event({ datacontenttype: 'text/xml' }), ['DATA_NOT_JSON /datacontenttype']],
    ['no data', event({ data: undefined }), ['DATA_MISSING /data']],
    [
      'nothing but {}',
      structured('{}'),
      [
        'ATTRIBUTE_MISSING /specversion',
        'ATTRIBUTE_MISSING /id',
        'ATTRIBUTE_MISSING /source',
        'ATTRIBUTE_MISSING /type',
        'DATA_MISSING /data',
      ],
    ],
    ['a missing header', binary({}, { ce_id: undefined }), ['ATTRIBUTE_MISSING /id']],
    ['a header twice', binary({}, { ce_id: [Buffer.from('a'), Buffer.from('b')] }), ['HEADER_DUPLICATED']],
    ['the content type in two cases', binary({}, { 'Content-Type': 'application/json' }), ['HEADER_DUPLICATED']],
    ['a header in Latin-1', binary({}, { ce_subject: Buffer.from([0xe9]) }), ['HEADER_NOT_UTF8']],
    ['an odd header name', binary({}, { 'ce_Odd-name': 'x' }), ['ATTRIBUTE_INVALID']],
  ])('%s', (_title, message, expected) => {
    expect(codes(decodeMessage(message))).toEqual(expected);
  });

  it('names the identity as far as it can be read', () => {
    expect(decodeMessage(structured({ ...sampleEvent({}), type: 7 }))).toMatchObject({
      ceId: 'e-1',
      ceSource: 'urn:publisher:mosul-eye',
    });
    expect(decodeMessage(structured({ ...sampleEvent({}), type: 7 }))).not.toHaveProperty('ceType');
    expect(STRUCTURED).toContain('cloudevents+json');
  });
});
