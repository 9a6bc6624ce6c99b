import type { DeliveryGap } from './batch.js';
import type { PartitionCursor, PartitionKey } from './cursors.js';
import { isOlder, isSameTopic, type Lineage } from './lineage.js';

/** What the broker says of a partition. */
export interface PartitionState {
  /** Offset of the oldest message that Kafka still has. */
  low: number;
  /** Offset that the next message will get. */
  high: number;
  /** Asked after the offsets. */
  lineage: Lineage;
  /** Where that which was written up to the cursor's leader epoch ends now, as the leader says; null: at `high`, or nobody tells. */
  kept: number | null;
}

/**
 * What Kafka lost before it was read, seen from the cursor and the partition; null when nothing is lost.
 *
 * Neither a topic made anew nor one that was cut off shows in its offsets once it has grown past the cursor: they are told by id and
 * leader epoch. Without these (Kafka before 2.8) only a topic that ends before the cursor is found.
 */
export function gapOf(key: PartitionKey, cursor: PartitionCursor, state: PartitionState): DeliveryGap | null {
  const { cursorId, next } = cursor;
  const { low, high, lineage, kept } = state;
  const lost = { ...key, cursorId, lineage, from: next };
  if (!isSameTopic(cursor.lineage, lineage)) {
    // From 0, not from `low`: what the new topic has lost of its own is a gap with offsets, and found next.
    return { ...lost, to: next - 1, resumeAt: 0, reason: 'TOPIC_RECREATED' };
  }
  if (isOlder(lineage, cursor.lineage)) {
    // Set back, as by a backup: what was written since, and where, is told by nobody. What comes again is known by its identity.
    return { ...lost, to: next - 1, resumeAt: low, reason: 'TOPIC_RECREATED' };
  }
  if (next > (kept ?? high)) {
    // Without an id it may be another topic: from 0, as above. The same one goes on at the cut, even if that expired meanwhile: as above.
    const isKnown = cursor.lineage.topicId !== null && lineage.topicId !== null;
    const resumeAt = isKnown ? (kept ?? low) : 0;
    return { ...lost, to: next - 1, resumeAt, reason: 'TOPIC_RECREATED' };
  }
  if (next < low) return { ...lost, to: low - 1, resumeAt: low, reason: 'EXPIRED' };
  return null;
}
