import type { KafkaBatch } from '#app/kafka';
import { halves, singles } from './divide-batch.js';

/** Offsets with holes, as compaction and transaction markers leave them. */
function batchOf(...offsets: number[]): KafkaBatch {
  const messages = offsets.map((offset) => ({ offset, timestamp: 0, key: null, value: null, headers: {} }));
  const place = { cluster: 'c', topic: 't', partition: 0, group: 'g', cursorId: 1 };
  return { ...place, messages, expected: 10, next: 40, highWatermark: 50 };
}

describe('dividing a batch', () => {
  it.each([[[12, 13]], [[12, 20, 21]], [[10, 11, 12, 30, 31, 39]]])(
    'halves %j without a hole between them',
    (offsets) => {
      const [left, right] = halves(batchOf(...offsets));
      expect([left.expected, right.next]).toEqual([10, 40]);
      expect(left.next).toBe(right.expected);
      expect([...left.messages, ...right.messages].map(({ offset }) => offset)).toEqual(offsets);
      expect(Math.max(...left.messages.map(({ offset }) => offset))).toBeLessThan(left.next);
      expect(Math.min(...right.messages.map(({ offset }) => offset))).toBeGreaterThanOrEqual(right.expected);
    },
  );

  it('gives each message the part of the cursor that leads to the next one', () => {
    const parts = singles(batchOf(12, 20, 21));
    expect(parts.map(({ expected, next }) => [expected, next])).toEqual([
      [10, 20],
      [20, 21],
      [21, 40],
    ]);
  });
});
