import type { BatchOutcome, DeliveryGap } from './batch.js';
import type { Lineage } from './lineage.js';

/** The cluster is part of the key: a recreated cluster starts at offset 0 and must not be taken for the old one. */
export interface PartitionKey {
  cluster: string;
  topic: string;
  partition: number;
  group: string;
}

/** Names a partition within this process, whose cluster and group are its only ones. */
export function partitionName({ topic, partition }: PartitionKey): string {
  return `${topic}/${partition}`;
}

export interface PartitionCursor {
  cursorId: number;
  /** The first offset that is not recorded yet. */
  next: number;
  /** Of the log whose offsets these are, as it was when it was last looked at: whatever is recorded is of this epoch or before. */
  lineage: Lineage;
}

/** Where the application keeps how far each partition is recorded. It alone is trusted; Kafka's own offsets are not. */
export interface PartitionCursors {
  /** The cursor of a partition, made at offset 0 when there is none. */
  read(key: PartitionKey): Promise<PartitionCursor>;
  /** Writes down what log a cursor reads, by compare-and-set. False: somebody else has. */
  setLineage(cursorId: number, was: Lineage, is: Lineage): Promise<boolean>;
  /**
   * Records the gap and moves the cursor to `resumeAt` by compare-and-set, in one transaction. A topic made anew or cut off gets
   * another cursor: its offsets are other messages, and whoever still holds some of the old ones cannot move it.
   */
  recordGap(gap: DeliveryGap): Promise<BatchOutcome>;
}
