import { parseTopicSources, TOPICS, TYPES } from '#app/contract';
import { ANYBODY, Problem } from '#app/http-edge';
import { type CheckedMessage, checkMessages, type DataPointer } from './check-messages.js';
import { readSubmission } from './read-submission.js';
import type { Submission } from './submission.js';

const report = {
  reportId: 'r-1',
  revision: 1,
  incident: { ref: 'i-1' },
  publishedAt: '2018-11-09T06:00:00Z',
  source: { name: 'Kurdistan 24', kind: 'MEDIA_NATIONAL' },
  occurred: { start: '2018-11-08', end: '2018-11-08', precision: 'DAY' },
  place: { name: 'Mosul' },
  classification: { incidentType: 'IED_ATTACK' },
};
const event = { specversion: '1.0', id: 'e-1', source: 'urn:p', type: TYPES.REPORT, extra: 'kept', data: report };
const withdrawal = { reportId: 'r-1', incident: { id: '0190163d-8694-739b-aea5-966c26f8ad91' }, reason: 'error' };

function submission(contentType: string, body: unknown, more: Partial<Submission> = {}): Submission {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { caller: ANYBODY, contentType, body: Buffer.from(text), headers: {}, ...more };
}
const plain = (body: unknown, more: Partial<Submission> = {}, contentType = 'application/json'): Submission =>
  submission(contentType, body, { headers: { 'idempotency-key': ['key-1'] }, source: 'urn:p', ...more });
const structured = (body: unknown): Submission => submission('application/cloudevents+json', body);
const batch = (body: unknown): Submission => submission('application/cloudevents-batch+json; charset=utf-8', body);
const lines = (...texts: unknown[]): Submission =>
  plain(
    texts.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n'),
    {},
    'application/x-ndjson',
  );

function take(
  given: Submission,
  pointer: DataPointer = '/data',
  sources = '*',
  topic: string = TOPICS.REPORTS,
): CheckedMessage[] {
  const types = topic === TOPICS.DECISIONS ? [TYPES.DECISION] : [TYPES.REPORT, TYPES.REPORT_WITHDRAWN];
  const read = readSubmission(given, types[0] as string);
  const right = { sources: parseTopicSources(sources), caller: ANYBODY };
  return checkMessages({ topic, types }, right, read.entries, pointer);
}

function refusal(work: () => unknown): [string, ...string[]] {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return [error.code, ...error.errors.map(({ pointer, parameter, code }) => `${pointer ?? parameter} ${code}`)];
  }
  throw new Error('was not refused');
}

describe('what is taken', () => {
  it('is a CloudEvent, which goes on as it came', () => {
    const [message] = take(structured(event));
    expect(message).toMatchObject({ id: 'e-1', source: 'urn:p', key: 'urn:p|i-1' });
    expect(JSON.parse(message?.value ?? '')).toEqual(event);
  });

  it('is a CloudEvent whatever the parameters for plain data say', () => {
    expect(take({ ...structured(event), source: 'urn:other' })[0]?.source).toBe('urn:p');
  });

  it('is a batch', () => {
    const other = { ...event, id: 'e-2', type: TYPES.REPORT_WITHDRAWN, data: withdrawal };
    expect(take(batch([event, other])).map(({ id, key }) => [id, key])).toEqual([
      ['e-1', 'urn:p|i-1'],
      ['e-2', 'urn:p|0190163d-8694-739b-aea5-966c26f8ad91'],
    ]);
  });

  it('is a CloudEvent in binary mode, with percent-encoded headers', () => {
    const headers = {
      'ce-specversion': ['1.0'],
      'ce-id': ['"e%20%E2%82%AC"'],
      'ce-source': ['urn:p'],
      'ce-type': [TYPES.REPORT],
    };
    const [message] = take(submission('application/json', report, { headers }));
    expect(message).toMatchObject({ id: 'e €', source: 'urn:p', data: report });
    expect(JSON.parse(message?.value ?? '')).toMatchObject({ specversion: '1.0', datacontenttype: 'application/json' });
  });

  it('is plain data, whose idempotency key becomes the id', () => {
    const [message] = take(plain(report), '');
    expect(JSON.parse(message?.value ?? '')).toEqual({
      specversion: '1.0',
      id: 'key-1',
      source: 'urn:p',
      type: TYPES.REPORT,
      datacontenttype: 'application/json',
      data: report,
    });
    expect(take(plain(withdrawal, { type: TYPES.REPORT_WITHDRAWN }), '')[0]?.type).toBe(TYPES.REPORT_WITHDRAWN);
    expect(take(plain(report, { headers: { 'idempotency-key': ['"key-1"'] } }), '')[0]?.id).toBe('key-1');
  });

  it('is one object a line; blank lines count in the ids', () => {
    const messages = take(lines(report, '', `${JSON.stringify(report)}\r`, ''), '');
    expect(messages.map(({ id }) => id)).toEqual(['key-1/1', 'key-1/3']);
  });

  it('is a decision on its own route', () => {
    const decision = { kind: 'DISCARD', rejection: '0190163d-8694-739b-aea5-966c26f8ad91', by: 's', reason: 'r' };
    const [message] = take(plain(decision), '', '*', TOPICS.DECISIONS);
    expect(message).toMatchObject({ type: TYPES.DECISION, key: `urn:p|${decision.rejection}` });
  });
});

describe('what is refused', () => {
  const headers = { 'idempotency-key': ['k'] };
  it.each<[string, () => unknown, string[]]>([
    ['an empty body', () => take(structured('')), ['EMPTY_BODY']],
    ['another type', () => take(submission('text/plain', 'x')), ['UNSUPPORTED_MEDIA_TYPE']],
    ['another charset', () => take(submission('application/json; charset=latin1', report)), ['UNSUPPORTED_MEDIA_TYPE']],
    ['broken JSON', () => take(structured('{')), ['MALFORMED_JSON', ' NOT_JSON']],
    ['plain data without a key', () => take(plain(report, { headers: {} })), ['IDEMPOTENCY_KEY_REQUIRED']],
    [
      'two keys',
      () => take(plain(report, { headers: { 'idempotency-key': ['a', 'b'] } })),
      ['IDEMPOTENCY_KEY_REQUIRED'],
    ],
    [
      'an empty key',
      () => take(plain(report, { headers: { 'idempotency-key': [' '] } })),
      ['IDEMPOTENCY_KEY_REQUIRED'],
    ],
    [
      'an odd source beside a CloudEvent',
      () => take({ ...structured(event), source: 'a b' }),
      ['INVALID_PARAMETER', 'source ATTRIBUTE_INVALID'],
    ],
    ['no source', () => take(plain(report, { source: undefined })), ['INVALID_PARAMETER', 'source REQUIRED']],
    ['an odd source', () => take(plain(report, { source: 'a b' })), ['INVALID_PARAMETER', 'source ATTRIBUTE_INVALID']],
    ['a large message', () => take(structured(`"${'x'.repeat(1_048_576)}"`)), ['BODY_TOO_LARGE']],
    ['no CloudEvent', () => take(structured([event])), ['INVALID_MESSAGE', ' NOT_A_CLOUDEVENT']],
    ['no batch', () => take(batch(event)), ['INVALID_MESSAGE', ' WRONG_TYPE']],
    ['an empty batch', () => take(batch([])), ['INVALID_MESSAGE', ' TOO_FEW_ITEMS']],
    ['blank lines only', () => take(lines(' ', '')), ['INVALID_MESSAGE', ' TOO_FEW_ITEMS']],
    [
      'too many lines',
      () => take(lines(...Array.from({ length: 10_001 }, () => '{}'))),
      ['INVALID_MESSAGE', ' TOO_MANY_ITEMS'],
    ],
    [
      'a duplicate member',
      () => take(plain('{"a":1,"a":2}', { headers }), ''),
      ['INVALID_MESSAGE', '/a DUPLICATE_MEMBER'],
    ],
    [
      'a decision among reports',
      () => take(structured({ ...event, type: TYPES.DECISION })),
      ['INVALID_MESSAGE', '/type TYPE_NOT_ALLOWED_ON_TOPIC'],
    ],
    ['a type of nobody', () => take(structured({ ...event, type: 'x' })), ['INVALID_MESSAGE', '/type TYPE_UNKNOWN']],
    [
      'a type of another route',
      () => take(structured({ ...event, type: TYPES.TREND })),
      ['INVALID_MESSAGE', '/type TYPE_NOT_ALLOWED_ON_TOPIC'],
    ],
    [
      'a decision without what its kind needs',
      () => take(plain({ kind: 'MERGE', reason: 'r', by: 's' }), '', '*', TOPICS.DECISIONS),
      ['INVALID_MESSAGE', '/survivor REQUIRED', '/absorbed REQUIRED'],
    ],
    [
      'a source that may not publish here',
      () => take(plain(report), '', 'conflict.reports.v1=urn:other'),
      ['SOURCE_NOT_ALLOWED'],
    ],
    [
      'a repeated header',
      () => take(submission('application/json', report, { headers: { 'ce-id': ['a', 'b'] } })),
      ['INVALID_MESSAGE', '/id HEADER_DUPLICATED'],
    ],
    [
      'a badly encoded header',
      () => take(submission('application/json', report, { headers: { 'ce-id': ['%zz'] } })),
      ['INVALID_MESSAGE', '/id ATTRIBUTE_INVALID'],
    ],
  ])('%s', (_title, work, expected) => {
    expect(refusal(work)).toEqual(expected);
  });

  it('is everything when one is wrong, with every problem of every message', () => {
    const bad = { ...event, data: { ...report, nope: 1, revision: 0 } };
    expect(refusal(() => take(batch([event, bad, { ...bad, id: undefined }])))).toEqual([
      'INVALID_MESSAGE',
      '/1/data/nope UNKNOWN_FIELD',
      '/1/data/revision OUT_OF_RANGE',
      '/2/id ATTRIBUTE_MISSING',
    ]);
    expect(refusal(() => take(lines(report, '{"x":1e400}', 'no', { ...report, place: {} }), ''))).toEqual([
      'INVALID_MESSAGE',
      '/2/x NUMBER_NOT_FINITE',
      '/3 NOT_JSON',
      '/4/place PLACE_MISSING',
    ]);
  });
});
