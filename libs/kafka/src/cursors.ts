import type { BatchOutcome, DeliveryGap } from './batch.js';

/** The cluster is part of the key: a recreated cluster starts at offset 0 and must not be taken for the old one. */
export interface PartitionKey {
  cluster: string;
  topic: string;
  partition: number;
  group: string;
}

export interface PartitionCursor {
  cursorId: number;
  /** The first offset that is not recorded yet. */
  next: number;
  /** Kafka's id of the topic whose offsets these are; null while nobody has told it. */
  topicId: string | null;
}

/** Where the application keeps how far each partition is recorded. It alone is trusted; Kafka's own offsets are not. */
export interface PartitionCursors {
  /** The cursor of a partition, made at offset 0 when there is none. */
  read(key: PartitionKey): Promise<PartitionCursor>;
  /** Writes down the id of the topic that a cursor without one reads. False: somebody else has. */
  nameTopic(cursorId: number, topicId: string): Promise<boolean>;
  /**
   * Records the gap and moves the cursor to `resumeAt` by compare-and-set, in one transaction. A topic made anew gets another
   * cursor: its offsets are other messages, and whoever still holds some of the old topic cannot move it.
   */
  recordGap(gap: DeliveryGap): Promise<BatchOutcome>;
}
