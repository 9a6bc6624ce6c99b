import { gapOf } from './gap.js';

const key = { cluster: 'c', topic: 't', partition: 0, group: 'g' };
const at = (next: number) => ({ cursorId: 7, next });

describe('what Kafka lost before it was read', () => {
  it.each([
    [5, 5, 9],
    [9, 5, 9],
    [0, 0, 0],
  ])('nothing: cursor %i, messages from %i to before %i', (next, low, high) => {
    expect(gapOf(key, at(next), { low, high })).toBeNull();
  });

  it('the messages from the cursor to before the oldest one left', () => {
    expect(gapOf(key, at(3), { low: 5, high: 9 })).toMatchObject({ from: 3, to: 4, resumeAt: 5, reason: 'EXPIRED' });
  });

  it('an unknown number, when the topic ends before the cursor: it is another topic of the same name', () => {
    expect(gapOf(key, at(10), { low: 0, high: 4 })).toMatchObject({
      from: 10,
      to: 9,
      resumeAt: 0,
      reason: 'TOPIC_RECREATED',
    });
  });
});
