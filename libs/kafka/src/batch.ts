import type { PartitionKey } from './cursors.js';
import type { Lineage } from './lineage.js';

/** One message as the broker keeps it: nothing is decoded. */
export interface KafkaRecord {
  offset: number;
  /** Milliseconds since 1970, as the broker stored it. */
  timestamp: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, Buffer | string | (Buffer | string)[] | undefined>;
}

/** Consecutive messages of one partition, to be recorded in one transaction. */
export interface KafkaBatch extends PartitionKey {
  /** Row of the cursor that this batch moves. */
  cursorId: number;
  /** Where the cursor must stand for this batch to be recorded: the compare of the compare-and-set. */
  expected: number;
  /** Where the cursor stands after it: the set. */
  next: number;
  messages: KafkaRecord[];
  highWatermark: number;
}

/**
 * What became of a batch. `recorded`: the transaction is committed. `stale`: another process moved the cursor, nothing
 * was recorded here. `retry`: a fault that passes; the same messages are handed over again after a pause.
 */
export type BatchOutcome =
  | { kind: 'recorded' }
  | { kind: 'stale' }
  | { kind: 'retry'; reason: string; cause?: unknown };

/**
 * Messages that Kafka dropped before they were read. EXPIRED: offsets `from` to `to`, inclusive. TOPIC_RECREATED: the topic is
 * another one of the same name, or was cut off before the cursor; which messages were lost with the old one cannot be known,
 * and `to` is `from` - 1. Reading goes on at `resumeAt`.
 */
export interface DeliveryGap extends PartitionKey {
  cursorId: number;
  from: number;
  to: number;
  resumeAt: number;
  /** Of the log that is there now. */
  lineage: Lineage;
  reason: 'EXPIRED' | 'TOPIC_RECREATED';
}
