import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { gapOf } from './gap.js';

const key = { cluster: 'c', topic: 't', partition: 0, group: 'g' };
const at = (next: number, topicId: string | null = 'A') => ({ cursorId: 7, next, topicId });

describe('what Kafka lost before it was read', () => {
  it.each([
    [5, 5, 9],
    [9, 5, 9],
    [0, 0, 0],
  ])('nothing: cursor %i, messages from %i to before %i', (next, low, high) => {
    for (const topicId of ['A', null]) expect(gapOf(key, at(next), { low, high, topicId })).toBeNull();
    expect(gapOf(key, at(next, null), { low, high, topicId: 'A' })).toBeNull();
  });

  it('the messages from the cursor to before the oldest one left', () => {
    const gap = gapOf(key, at(3), { low: 5, high: 9, topicId: 'A' });
    expect(gap).toMatchObject({ from: 3, to: 4, resumeAt: 5, reason: 'EXPIRED' });
  });

  it.each([
    ['shorter', 0, 4],
    ['as long', 0, 10],
    ['longer', 0, 40],
    ['empty', 0, 0],
    ['one that has lost messages itself', 20, 40],
  ])('an unknown number, when the topic has another id: %s', (_what, low, high) => {
    const gap = gapOf(key, at(10), { low, high, topicId: 'B' });
    expect(gap).toMatchObject({ from: 10, to: 9, resumeAt: 0, topicId: 'B', reason: 'TOPIC_RECREATED' });
  });

  it('an unknown number, when the topic ends before the cursor and nobody tells its id', () => {
    for (const known of ['A', null]) {
      const gap = gapOf(key, at(10, known), { low: 2, high: 4, topicId: null });
      expect(gap).toMatchObject({ from: 10, to: 9, resumeAt: 0, topicId: null, reason: 'TOPIC_RECREATED' });
    }
  });

  it('an unknown number, when the same topic was cut off: it is read again from the oldest message left', () => {
    const gap = gapOf(key, at(10), { low: 2, high: 4, topicId: 'A' });
    expect(gap).toMatchObject({ from: 10, to: 9, resumeAt: 2, reason: 'TOPIC_RECREATED' });
  });
});

type Step =
  | { do: 'write'; count: number }
  | { do: 'read'; most: number }
  | { do: 'expire'; most: number }
  | { do: 'anew' }
  | { do: 'look' };

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('write' as const), count: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ do: fc.constant('read' as const), most: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ do: fc.constant('expire' as const), most: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ do: fc.constant('anew' as const) }),
  fc.record({ do: fc.constant('look' as const) }),
);

describe('over any history of a partition', () => {
  it('each message of the topic that is there is read once, or lies in a gap, and a lost topic is told of', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 60 }), (history) => {
        let incarnation = 0;
        let low = 0;
        let high = 0;
        let cursor = at(0, '0');
        let fates = new Map<number, string>();
        const state = () => ({ low, high, topicId: String(incarnation) });
        /** As Positions does: until nothing is missing. Whoever reads has done this after his fetch. */
        const locate = (): void => {
          for (let gap = gapOf(key, cursor, state()); gap !== null; gap = gapOf(key, cursor, state())) {
            const isAnew = gap.reason === 'TOPIC_RECREATED';
            if (isAnew) {
              expect(cursor.topicId).not.toBe(gap.topicId);
              fates = new Map();
            }
            for (let offset = gap.from; offset <= gap.to; offset++) settle(offset, 'gap');
            cursor = { cursorId: cursor.cursorId + (isAnew ? 1 : 0), next: gap.resumeAt, topicId: gap.topicId ?? '' };
          }
        };
        const settle = (offset: number, fate: string): void => {
          expect(fates.get(offset)).toBeUndefined();
          fates.set(offset, fate);
        };
        for (const step of [...history, { do: 'read' as const, most: Number.MAX_SAFE_INTEGER }]) {
          if (step.do === 'write') high += step.count;
          else if (step.do === 'expire') low = Math.min(high, low + step.most);
          else if (step.do === 'anew') [incarnation, low, high] = [incarnation + 1, 0, 0];
          else locate();
          if (step.do !== 'read') continue;
          const end = Math.min(high, cursor.next + step.most);
          for (let offset = cursor.next; offset < end; offset++) settle(offset, 'read');
          cursor = { ...cursor, next: end };
        }
        expect(cursor.topicId).toBe(String(incarnation));
        expect([...fates.keys()].toSorted((a, b) => a - b)).toEqual(
          Array.from({ length: high }, (_, offset) => offset),
        );
      }),
    );
  });
});
