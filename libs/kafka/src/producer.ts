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
  /**
   * Resolves when every in-sync replica has all of them. The answer names each partition with the offset of its first message.
   * After a send that failed every further one fails: open another producer.
   */
  send(topic: string, messages: readonly OutgoingMessage[]): Promise<SentTo[]>;
  close(): Promise<void>;
}

/**
 * A producer that waits for all in-sync replicas (acks=-1) and whose own retries double nothing (idempotent) as long as the
 * leaders stay.
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
  let before: Promise<unknown> = Promise.resolve();
  let failure: Error | null = null;

  // The client counts brokers, not partitions: when a leader dies in the middle, and the one that comes after it has taken its own share
  // already, it says that all is sent and leaves the rest out. So whatever has no answer is sent again.
  async function sendAll(topic: string, messages: readonly OutgoingMessage[]): Promise<SentTo[]> {
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
  }

  return {
    // One at a time: between the attempts of a send whose answer was lost the client gives its sequence numbers to the next one, which
    // the broker then takes for that same message: it acknowledges it and writes nothing. Likewise after a send that failed.
    send(topic, messages) {
      const sending = before.then(async () => {
        if (failure !== null) throw new Error('this producer has failed before', { cause: failure });
        return sendAll(topic, messages).catch((error: Error) => {
          failure = error;
          throw error;
        });
      });
      before = sending.catch(() => undefined);
      return sending;
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
