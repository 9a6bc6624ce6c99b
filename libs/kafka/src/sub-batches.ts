import type { KafkaMessage } from 'kafkajs';
import type { KafkaRecord } from './batch.js';

export interface BatchLimits {
  maxMessages: number;
  maxBytes: number;
}

/** Cuts what one fetch brought into pieces small enough for one transaction. A message alone may exceed the bytes. */
export function* subBatches(records: readonly KafkaRecord[], limits: BatchLimits): Generator<KafkaRecord[]> {
  let piece: KafkaRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = (record.value?.length ?? 0) + (record.key?.length ?? 0);
    if (piece.length > 0 && (piece.length >= limits.maxMessages || bytes + size > limits.maxBytes)) {
      yield piece;
      piece = [];
      bytes = 0;
    }
    piece.push(record);
    bytes += size;
  }
  if (piece.length > 0) yield piece;
}

/** The client's message without its protocol details; offsets and timestamps as numbers (both stay below 2^53). */
export function toRecord(message: KafkaMessage): KafkaRecord {
  return {
    offset: Number(message.offset),
    timestamp: Number(message.timestamp),
    key: message.key,
    value: message.value,
    headers: message.headers ?? {},
  };
}
