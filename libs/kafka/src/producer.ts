import { type IHeaders, type Message, type PartitionerArgs, Partitioners } from 'kafkajs';
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
  const chosen = new WeakMap<Message, number>();
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: () => onceFor(chosen),
  });
  await producer.connect();
  return {
    // The client counts brokers, not partitions: when a leader dies in the middle, and the one that comes after it has taken its own share
    // already, it says that all is sent and leaves the rest out. So whatever has no answer is sent again.
    async send(topic, messages) {
      const sent: SentTo[] = [];
      let left: Message[] = messages.map((message) => ({ ...message }));
      while (left.length > 0) {
        const answers = await producer.send({ topic, acks: -1, messages: left });
        const reached = new Set(answers.map(({ partition }) => partition));
        const missing = left.filter((message) => !reached.has(chosen.get(message) ?? -1));
        if (missing.length === left.length) throw new Error(`the brokers answer for no partition of ${topic}`);
        sent.push(
          ...answers.map(({ topicName, partition, baseOffset, offset }) => ({
            topic: topicName,
            partition,
            offset: Number(baseOffset ?? offset),
          })),
        );
        left = missing;
      }
      return sent;
    },
    close: () => producer.disconnect(),
  };
}

/** The default partitioner, asked once for each message: without a key it would choose another partition at each attempt. */
function onceFor(chosen: WeakMap<Message, number>): (args: PartitionerArgs) => number {
  const choose = Partitioners.DefaultPartitioner();
  return (args) => {
    const partition = chosen.get(args.message) ?? choose(args);
    chosen.set(args.message, partition);
    return partition;
  };
}
