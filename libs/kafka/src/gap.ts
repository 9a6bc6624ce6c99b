import type { DeliveryGap } from './batch.js';
import type { PartitionCursor, PartitionKey } from './cursors.js';

export interface Watermarks {
  /** Offset of the oldest message that Kafka still has. */
  low: number;
  /** Offset that the next message will get. */
  high: number;
}

/**
 * What Kafka lost before it was read, seen from the cursor and the ends of the partition; null when nothing is lost.
 *
 * kafkajs has no topic ids: a topic made anew that has grown past the cursor before anyone looked cannot be told from
 * the old one here. Its messages are then read from the cursor on.
 */
export function gapOf(key: PartitionKey, cursor: PartitionCursor, { low, high }: Watermarks): DeliveryGap | null {
  const { cursorId, next } = cursor;
  if (next > high) {
    return { ...key, cursorId, from: next, to: next - 1, resumeAt: low, reason: 'TOPIC_RECREATED' };
  }
  if (next < low) return { ...key, cursorId, from: next, to: low - 1, resumeAt: low, reason: 'EXPIRED' };
  return null;
}
