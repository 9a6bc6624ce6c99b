import type { IHeaders } from 'kafkajs';
import type { Kafka } from './connection.js';

export interface OutgoingMessage {
  key: string | null;
  value: Buffer | string | null;
  headers?: IHeaders;
  partition?: number;
}

/** Where the broker put a message. */
export interface SentTo {
  topic: string;
  partition: number;
  offset: number;
}

export interface Producer {
  /** Resolves when every in-sync replica has all of them. The answer is per partition: the offset of its first message. */
  send(topic: string, messages: readonly OutgoingMessage[]): Promise<SentTo[]>;
  close(): Promise<void>;
}

/**
 * A producer that waits for all in-sync replicas (acks=-1) and whose own retries double nothing (idempotent).
 *
 * What a caller sends again after an error may be there twice; the receiver deduplicates by CloudEvents identity.
 */
export async function createProducer(kafka: Kafka): Promise<Producer> {
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false });
  await producer.connect();
  return {
    async send(topic, messages) {
      const sent = await producer.send({ topic, acks: -1, messages: [...messages] });
      return sent.map(({ topicName, partition, baseOffset, offset }) => ({
        topic: topicName,
        partition,
        offset: Number(baseOffset ?? offset),
      }));
    },
    close: () => producer.disconnect(),
  };
}
