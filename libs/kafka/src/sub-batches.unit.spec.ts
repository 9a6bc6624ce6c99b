import type { KafkaRecord } from './batch.js';
import { subBatches } from './sub-batches.js';

const record = (offset: number, bytes: number): KafkaRecord => ({
  offset,
  timestamp: 0,
  key: null,
  value: Buffer.alloc(bytes),
  headers: {},
});
const offsets = (pieces: Iterable<KafkaRecord[]>): number[][] =>
  [...pieces].map((piece) => piece.map(({ offset }) => offset));

describe('cutting a fetch into transactions', () => {
  const limits = { maxMessages: 3, maxBytes: 100 };

  it('keeps the order and the number of messages per transaction', () => {
    const records = [1, 2, 5, 6, 9, 10, 11].map((offset) => record(offset, 1));
    expect(offsets(subBatches(records, limits))).toEqual([[1, 2, 5], [6, 9, 10], [11]]);
  });

  it('cuts before a message that would make it too large, and lets a single large one through', () => {
    const records = [record(1, 60), record(2, 60), record(3, 500), record(4, 1)];
    expect(offsets(subBatches(records, limits))).toEqual([[1], [2], [3], [4]]);
  });

  it('counts a tombstone as nothing', () => {
    expect(offsets(subBatches([{ ...record(1, 0), value: null }], limits))).toEqual([[1]]);
    expect(offsets(subBatches([], limits))).toEqual([]);
  });
});
