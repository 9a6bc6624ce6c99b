import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { endOffsets, kafkaClient } from '../../support/kafka.js';

export interface Received {
  topic: string;
  partition: number;
  offset: number;
  key: string;
  value: Buffer | null;
  headers: Record<string, string>;
}

/** Reads topics on from where it stopped, as an outsider with a group of its own. */
export class TopicTail {
  /** By `topic/partition`: the next offset. */
  readonly #next = new Map<string, number>();

  constructor(private readonly brokers: string) {}

  /** By partition from where on the topic holds other messages; default: one that is made anew begins at 0 again. */
  forget(topic: string, from: readonly number[] = []): void {
    for (const [name, next] of this.#next) {
      if (!name.startsWith(`${topic}/`)) continue;
      this.#next.set(name, Math.min(next, from[Number(name.slice(topic.length + 1))] ?? 0));
    }
  }

  /** All that has come since the last call, up to now; in order per partition. */
  async read(topics: readonly string[]): Promise<Received[]> {
    const left = new Set<string>();
    const ends = new Map<string, number>();
    for (const topic of topics) {
      for (const [partition, end] of (await endOffsets(topic, this.brokers)).entries()) {
        const name = `${topic}/${partition}`;
        ends.set(name, end);
        if ((this.#next.get(name) ?? 0) < end) left.add(name);
      }
    }
    const received: Received[] = [];
    if (left.size > 0) await this.consume(topics, { ends, left, received });
    return received;
  }

  private async consume(
    topics: readonly string[],
    { ends, left, received }: { ends: Map<string, number>; left: Set<string>; received: Received[] },
  ): Promise<void> {
    const consumer = kafkaClient(this.brokers).consumer({ groupId: `oracle-${randomUUID()}`, maxWaitTimeInMs: 100 });
    consumer.on(consumer.events.GROUP_JOIN, () => {
      for (const name of ends.keys()) {
        const [topic = '', partition] = name.split('/');
        consumer.seek({ topic, partition: Number(partition), offset: String(this.#next.get(name) ?? 0) });
      }
    });
    await consumer.connect();
    try {
      await consumer.subscribe({ topics: [...topics], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachMessage: async ({ topic, partition, message }) => {
          const name = `${topic}/${partition}`;
          const offset = Number(message.offset);
          // Before the seek takes effect old ones may come; behind the end is for the next call.
          if (offset < (this.#next.get(name) ?? 0) || offset >= (ends.get(name) ?? 0)) return;
          const headers = Object.entries(message.headers ?? {}).map(([key, value]) => [key, String(value)]);
          const key = String(message.key ?? '');
          received.push({ topic, partition, offset, key, value: message.value, headers: Object.fromEntries(headers) });
          this.#next.set(name, offset + 1);
          if (offset + 1 === ends.get(name)) left.delete(name);
        },
      });
      const deadline = Date.now() + 30_000;
      while (left.size > 0) {
        if (Date.now() > deadline) throw new Error(`the oracle could not read ${[...left].join(', ')} to its end`);
        await sleep(20);
      }
    } finally {
      await consumer.disconnect();
    }
  }
}
