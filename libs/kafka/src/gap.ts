import type { DeliveryGap } from './batch.js';
import type { PartitionCursor, PartitionKey } from './cursors.js';

/** What the broker says of a partition. */
export interface PartitionState {
  /** Offset of the oldest message that Kafka still has. */
  low: number;
  /** Offset that the next message will get. */
  high: number;
  /** Of the topic, asked after the offsets; null when the broker does not tell. */
  topicId: string | null;
}

/**
 * What Kafka lost before it was read, seen from the cursor and the partition; null when nothing is lost.
 *
 * By the id of the topic it is known that it was made anew, however far it has grown. Without ids (Kafka before 2.8) only a topic
 * that ends before the cursor can be another one.
 */
export function gapOf(key: PartitionKey, cursor: PartitionCursor, state: PartitionState): DeliveryGap | null {
  const { cursorId, next } = cursor;
  const { low, high, topicId } = state;
  if (isAnother(cursor, topicId)) {
    // From 0, not from `low`: what the new topic has lost of its own is a gap with offsets, and found next.
    return { ...key, cursorId, topicId, from: next, to: next - 1, resumeAt: 0, reason: 'TOPIC_RECREATED' };
  }
  if (next > high) {
    // The same topic, cut off: what lies below `low` had been read before it went.
    const resumeAt = topicId !== null && cursor.topicId !== null ? low : 0;
    return { ...key, cursorId, topicId, from: next, to: next - 1, resumeAt, reason: 'TOPIC_RECREATED' };
  }
  if (next < low) return { ...key, cursorId, topicId, from: next, to: low - 1, resumeAt: low, reason: 'EXPIRED' };
  return null;
}

/** Whether the offsets of a cursor are not those of the topic that is there now. Where one is not known, they may be. */
export function isAnother(cursor: PartitionCursor, topicId: string | null): boolean {
  return cursor.topicId !== null && topicId !== null && cursor.topicId !== topicId;
}
