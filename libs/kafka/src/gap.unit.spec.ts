import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { gapOf, type PartitionState } from './gap.js';
import { isSame, type Lineage } from './lineage.js';

const key = { cluster: 'c', topic: 't', partition: 0, group: 'g' };
const A: Lineage = { topicId: 'A', epoch: 3 };
const B: Lineage = { topicId: 'B', epoch: 0 };
const UNTOLD: Lineage = { topicId: null, epoch: null };
const at = (next: number, lineage = A) => ({ cursorId: 7, next, lineage });
const state = (low: number, high: number, more: Partial<PartitionState> = {}): PartitionState => ({
  low,
  high,
  lineage: A,
  kept: null,
  ...more,
});

describe('what Kafka lost before it was read', () => {
  it.each([
    [5, 5, 9],
    [9, 5, 9],
    [0, 0, 0],
  ])('nothing: cursor %i, messages from %i to before %i', (next, low, high) => {
    for (const lineage of [A, UNTOLD]) expect(gapOf(key, at(next), state(low, high, { lineage }))).toBeNull();
    expect(gapOf(key, at(next, UNTOLD), state(low, high))).toBeNull();
    const later = { ...A, epoch: 4 };
    for (const kept of [next, next + 1]) {
      expect(gapOf(key, at(next), state(low, high, { lineage: later, kept }))).toBeNull();
    }
  });

  it('the messages from the cursor to before the oldest one left', () => {
    expect(gapOf(key, at(3), state(5, 9))).toMatchObject({ from: 3, to: 4, resumeAt: 5, reason: 'EXPIRED' });
  });

  it.each([
    ['shorter', 0, 4],
    ['as long', 0, 10],
    ['longer', 0, 40],
    ['empty', 0, 0],
    ['one that has lost messages itself', 20, 40],
  ])('an unknown number, when the topic has another id: %s', (_what, low, high) => {
    const gap = gapOf(key, at(10), state(low, high, { lineage: B }));
    expect(gap).toMatchObject({ from: 10, to: 9, resumeAt: 0, lineage: B, reason: 'TOPIC_RECREATED' });
  });

  it.each([
    ['and has not grown again', 6, 6],
    ['and has grown past the cursor', 6, 40],
    ['below its oldest message left', 2, 40],
  ])('an unknown number, when the topic was cut off %s', (_what, kept, high) => {
    const gap = gapOf(key, at(10), state(4, high, { lineage: { ...A, epoch: 5 }, kept }));
    expect(gap).toMatchObject({ from: 10, to: 9, resumeAt: kept, reason: 'TOPIC_RECREATED' });
  });

  it('nothing, when a broker that does not lead any more says that the topic ends before the cursor', () => {
    expect(gapOf(key, at(10), state(0, 4, { kept: 12 }))).toBeNull();
    expect(gapOf(key, at(10), state(0, 4, { kept: 4 }))).toMatchObject({ from: 10, resumeAt: 4 });
  });

  it.each([4, 10, 40])('an unknown number, when the cluster was set back; the topic ends at %i', (high) => {
    const gap = gapOf(key, at(10), state(2, high, { lineage: { ...A, epoch: 2 } }));
    expect(gap).toMatchObject({ from: 10, to: 9, resumeAt: 2, reason: 'TOPIC_RECREATED' });
  });

  it('an unknown number, when the topic ends before the cursor and nobody tells which it is', () => {
    for (const known of [A, UNTOLD]) {
      const gap = gapOf(key, at(10, known), state(2, 4, { lineage: UNTOLD }));
      expect(gap).toMatchObject({ from: 10, to: 9, resumeAt: 0, lineage: UNTOLD, reason: 'TOPIC_RECREATED' });
    }
  });
});

type Step = { do: 'write' | 'read' | 'expire' | 'cut'; count: number } | { do: 'anew' | 'restart' | 'look'; count: 0 };

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom('write', 'read', 'expire', 'cut'), count: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ do: fc.constantFrom('anew', 'restart', 'look'), count: fc.constant(0) }),
);

/** A partition as the broker has it: each message under the epoch in which it was written. */
class Partition {
  topic = 0;
  epoch = 0;
  low = 0;
  messages: { id: number; epoch: number }[] = [];
  #ids = 0;

  get lineage(): Lineage {
    return { topicId: String(this.topic), epoch: this.epoch };
  }

  apply({ do: what, count }: Step): void {
    if (what === 'write') {
      for (let i = 0; i < count; i++) this.messages.push({ id: this.#ids++, epoch: this.epoch });
    } else if (what === 'expire') {
      this.low = Math.min(this.messages.length, this.low + count);
    } else if (what === 'cut' || what === 'restart') {
      // Never below the oldest one left, as with the log of a broker.
      this.messages.length = Math.max(this.low, this.messages.length - count);
      this.epoch += 1;
    } else if (what === 'anew') {
      [this.topic, this.epoch, this.low, this.messages] = [this.topic + 1, 0, 0, []];
    }
  }

  endOf(epoch: number): number {
    const later = this.messages.findIndex((message) => message.epoch > epoch);
    // Of what has expired a broker does not know the epochs any more.
    return Math.max(this.low, later < 0 ? this.messages.length : later);
  }
}

describe('over any history of a partition', () => {
  it('each message that is there in the end was read, once as what it is, or lies in a gap', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 60, size: 'max' }), (history) => {
        const partition = new Partition();
        let cursor = at(0, partition.lineage);
        const read = new Set<number>();
        const expired = new Set<number>();
        /** As Positions does: until nothing is missing. Whoever reads has done this after his fetch. */
        const locate = (): void => {
          for (;;) {
            const { low, messages, lineage } = partition;
            const isSameTopic = cursor.lineage.topicId === lineage.topicId;
            const kept =
              isSameTopic && !isSame(cursor.lineage, lineage) ? partition.endOf(cursor.lineage.epoch ?? 0) : null;
            const gap = gapOf(key, cursor, { low, high: messages.length, lineage, kept });
            cursor = { ...cursor, lineage };
            if (gap === null) return;
            for (const { id } of messages.slice(gap.from, gap.to + 1)) expired.add(id);
            cursor.next = gap.resumeAt;
          }
        };
        for (const step of [...history, { do: 'read' as const, count: Number.MAX_SAFE_INTEGER }]) {
          partition.apply(step);
          if (step.do !== 'read' && step.do !== 'look') continue;
          locate();
          if (step.do === 'look') continue;
          const fetched = partition.messages.slice(cursor.next, cursor.next + step.count);
          for (const { id } of fetched) {
            expect(read.has(id)).toBe(false);
            read.add(id);
          }
          cursor.next += fetched.length;
        }
        expect(cursor.lineage).toEqual(partition.lineage);
        // What came after a cut and expired before anybody looked has left no trace.
        const from = history.some((step) => step.do === 'cut') ? partition.low : 0;
        const left = partition.messages.slice(from);
        expect(left.filter(({ id }) => !read.has(id) && !expired.has(id))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});
