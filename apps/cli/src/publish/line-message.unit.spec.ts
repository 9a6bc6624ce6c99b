import { TOPICS, TYPES } from '#app/contract';
import { lineMessage } from './line-message.js';

const REPORT = {
  reportId: 'r1',
  revision: 2,
  incident: { ref: 'mosul-1' },
  publishedAt: '2018-11-09T06:00:00Z',
  source: { name: 'Kurdistan 24', kind: 'MEDIA_NATIONAL' },
  occurred: { start: '2018-11-08', end: '2018-11-08', precision: 'DAY' },
  place: { name: 'Mosul' },
  classification: { incidentType: 'IED_ATTACK' },
};
const EVENT = { specversion: '1.0', id: 'e1', source: 'https://k24.example', type: TYPES.REPORT, data: REPORT };
const PLAIN = { source: 'https://k24.example', type: TYPES.REPORT };

function read(value: unknown, plain: Parameters<typeof lineMessage>[2] = { source: null, type: TYPES.REPORT }) {
  const bytes = typeof value === 'string' ? Buffer.from(value) : Buffer.from(JSON.stringify(value));
  return lineMessage(bytes, TOPICS.REPORTS, plain);
}

function codes(found: ReturnType<typeof read>): string[] {
  return found.kind === 'invalid' ? found.problems.map(({ pointer, code }) => `${pointer} ${code}`) : [];
}

describe('a line to publish', () => {
  it('that is a CloudEvent is sent byte for byte, with the key of its incident', () => {
    const text = JSON.stringify(EVENT, null, ' ').replaceAll('\n', '');
    expect(read(text)).toEqual({ kind: 'message', key: 'https://k24.example|mosul-1', value: Buffer.from(text) });
  });

  it('of plain data gets an envelope whose id makes publishing again harmless', () => {
    const found = read(REPORT, PLAIN);
    expect(found).toMatchObject({ kind: 'message', key: 'https://k24.example|mosul-1' });
    const event = JSON.parse(found.kind === 'message' ? found.value.toString() : '') as unknown;
    expect(event).toMatchObject({
      specversion: '1.0',
      id: 'r1/2',
      source: 'https://k24.example',
      type: TYPES.REPORT,
      data: REPORT,
    });
    expect(read(REPORT, PLAIN)).toEqual(found);
  });

  it('is refused with every problem and its pointer', () => {
    expect(codes(read({ ...EVENT, data: { ...REPORT, extra: 1, revision: 0 } }))).toEqual([
      '/data/extra UNKNOWN_FIELD',
      '/data/revision OUT_OF_RANGE',
    ]);
  });

  it.each([
    ['plain data without a source', JSON.stringify(REPORT), null, ' NOT_A_CLOUDEVENT'],
    ['no JSON', 'nonsense', 'https://k24.example', ' NOT_JSON'],
    [
      'duplicate members that JSON.parse would hide',
      '{"reportId":"a","reportId":"b","revision":1}',
      'https://k24.example',
      'DUPLICATE_MEMBER',
    ],
    [
      'a decision on the reports topic',
      JSON.stringify({ ...EVENT, type: TYPES.DECISION }),
      null,
      '/type TYPE_NOT_ALLOWED_ON_TOPIC',
    ],
  ])('is refused for %s', (_, line, source, code) => {
    expect(codes(read(line, { source, type: TYPES.REPORT })).join()).toContain(code);
  });
});
