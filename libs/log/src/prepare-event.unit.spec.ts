import { describe, expect, it } from '@jest/globals';
import type { Disposition, PublicReport } from '#app/domain';
import { canonicalize } from './canonical-json.js';
import { MasterKey } from './master-key.js';
import type { Leaf } from './envelope.js';
import { decideEvent, type EventDraft, prepareEvent, writeEvent, type WrittenEvent } from './prepare-event.js';

const context = { log: '018f3c1e-0000-7000-8000-000000000001', masterKey: new MasterKey(Buffer.alloc(32, 3)) };
const stream = '018f3c1e-0000-7000-8000-000000000002';
const MOMENT = ',"recordedAt":"2026-11-23T17:43:33.000Z"';

function withdrawal(
  reportId: string,
  more: Partial<EventDraft<'ReportWithdrawn'>> = {},
): EventDraft<'ReportWithdrawn'> {
  return {
    type: 'ReportWithdrawn',
    data: { reportId, incident: { ref: 'r' } },
    stream,
    streamVersion: 3,
    actor: 'https://a',
    source: {
      ceSource: 'https://a',
      ceId: '1',
      cluster: 'c',
      topic: 't',
      partition: 0,
      offset: 7,
      value: Buffer.from('{}'),
    },
    ...more,
  };
}

describe('prepareEvent', () => {
  it('writes a leaf that is canonical at every position, with `also` and `occurred` only when given', () => {
    const also = [{ stream: '018f3c1e-0000-7000-8000-000000000003', streamVersion: 9 }];
    const occurred = { start: '2018-11-08', end: '2018-11-08', precision: 'DAY' };
    for (const draft of [withdrawal('x'), withdrawal('"😀\\', { also, occurred })]) {
      const { prefix, suffix } = prepareEvent(draft, context);
      for (const position of [0, 9, Number.MAX_SAFE_INTEGER]) {
        const leaf = `${prefix}${position}${MOMENT}${suffix}`;
        expect(canonicalize(JSON.parse(leaf))).toBe(leaf);
        expect(JSON.parse(leaf)).toMatchObject({ position, v: 1, log: context.log, streamVersion: 3 });
        expect('also' in JSON.parse(leaf)).toBe(draft.also !== undefined);
      }
    }
  });

  it('writes the leaf of a report, whose disposition is decided last, canonical too, and as its text where that is given', () => {
    const report = {
      incident: { ref: '"\\é' },
      place: { country: 'IQ' },
      reportId: 'r',
      revision: 1,
    } as unknown as PublicReport;
    const { type: _, data: __, streamVersion: ___, ...shared } = withdrawal('x');
    const data = { flags: ['CROSSES_PERIOD' as const], placements: {}, report };
    const draft = { ...shared, type: 'ReportRecorded' as const, data, id: '018f3c1e-0000-7000-8000-00000000000c' };
    const leafOf = (written: WrittenEvent): string => {
      const { prefix, suffix } = decideEvent(written, { streamVersion: 4, disposition: 'CORRECTION' as Disposition });
      return `${prefix}7${MOMENT}${suffix}`;
    };
    const leaf = leafOf(writeEvent(draft, context));
    expect(canonicalize(JSON.parse(leaf))).toBe(leaf);
    expect(JSON.parse(leaf)).toMatchObject({ streamVersion: 4, data: { ...data, disposition: 'CORRECTION' } });
    const given = JSON.parse(leafOf(writeEvent({ ...draft, reportText: canonicalize(report) }, context))) as Leaf;
    expect(given.data).toEqual((JSON.parse(leaf) as Leaf).data);
  });

  it('counts bytes, not characters, and refuses one byte too many before any lock', () => {
    const bytesOf = (draft: EventDraft<'ReportWithdrawn'>) => {
      const { prefix, suffix } = prepareEvent(draft, context);
      return Buffer.byteLength(`${prefix}${Number.MAX_SAFE_INTEGER}${MOMENT}${suffix}`);
    };
    const fill = 61_440 - bytesOf(withdrawal('', { reportId: null }));
    const fits = 'é'.repeat(Math.floor(fill / 2)) + 'x'.repeat(fill % 2);
    expect(bytesOf(withdrawal(fits))).toBe(61_440);
    expect(() => prepareEvent(withdrawal(`${fits}x`), context)).toThrow(
      expect.objectContaining({ code: 'LEAF_TOO_LARGE', bytes: 61_441 }),
    );
  });

  it.each([
    ['reportId', { reportId: 'a\u001eb' }],
    ['id', { source: { ...withdrawal('x').source!, ceId: 'a\u0000' } }],
    ['source', { source: { ...withdrawal('x').source!, ceSource: '\u001e' } }],
  ])('refuses a control character in %s: it would divide the joined parameters', (_, more) => {
    expect(() => prepareEvent(withdrawal('x', more), context)).toThrow('control character');
  });

  it('seals nothing, and needs no key, for what the system records itself', () => {
    expect(prepareEvent(withdrawal('x', { source: null }), context)).toMatchObject({ wrappedKey: null, sealed: [] });
  });

  it('puts values of the event and of a data subject under different keys, one row each', () => {
    const subject = { keyId: '018f3c1e-0000-7000-8000-00000000000a', key: Buffer.alloc(32, 9) };
    const event = prepareEvent(
      withdrawal('x', {
        committed: new Map<string, unknown>([
          ['/reason', 'because'],
          ['/confidential/victims/0', { subjectRef: 'p' }],
        ]),
        subjectKeys: new Map([['/confidential/victims/0', subject]]),
      }),
      context,
    );
    const pointers = event.sealed.map(({ keyId, boxes }) => [keyId, Object.keys(JSON.parse(boxes) as object)]);
    expect(pointers).toEqual([
      [event.eventId, ['', '/reason']],
      [subject.keyId, ['/confidential/victims/0']],
    ]);
    expect(JSON.stringify(event)).not.toContain('because');
  });

  it('uses the key of the rejection where it is given, and does not insert it again', () => {
    const ownKey = { keyId: '018f3c1e-0000-7000-8000-00000000000b', key: Buffer.alloc(32, 9) };
    const event = prepareEvent(withdrawal('x', { ownKey }), context);
    expect(event.wrappedKey).toBeNull();
    expect(event.sealed.map(({ keyId }) => keyId)).toEqual([ownKey.keyId]);
  });
});
