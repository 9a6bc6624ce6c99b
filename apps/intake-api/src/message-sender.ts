import { Problem } from '#app/http-edge';
import {
  createProducer,
  type Kafka,
  type OutgoingMessage,
  partitionCount,
  partitionOf,
  type Producer,
} from '#app/kafka';
import type { CheckedMessage } from './check-messages.js';

/** Where a message lies now. */
export interface Placed {
  partition: number;
  offset: number;
}

/** A record batch may have 4 MiB on our topics; several smaller ones are taken as well and hold up nobody. */
const CHUNK_BYTES = 1_048_576;
const CONTENT_TYPE = 'application/cloudevents+json; charset=UTF-8';

/** Sends messages with acks from all in-sync replicas and tells the offset of each. */
export class MessageSender {
  private producer: Promise<Producer> | null = null;
  private readonly partitions = new Map<string, number>();

  constructor(private readonly kafka: Kafka) {}

  /**
   * In the order given. What was sent before an error stays sent; the caller repeats the whole request, and ingest
   * knows each message by its source and id.
   *
   * @throws Problem TEMPORARILY_UNAVAILABLE when Kafka does not take them all
   */
  async send(topic: string, messages: readonly CheckedMessage[], traceparent: string | undefined): Promise<Placed[]> {
    const placed: Placed[] = [];
    try {
      for (const chunk of chunksOf(messages)) placed.push(...(await this.sendChunk(topic, chunk, traceparent)));
    } catch (cause) {
      await this.forget();
      throw new Problem('TEMPORARILY_UNAVAILABLE', 'Kafka does not take messages right now; send the request again', {
        cause,
        headers: { 'retry-after': '5' },
      });
    }
    return placed;
  }

  /** Throws when Kafka does not answer or the topic is missing. */
  async check(topic: string): Promise<void> {
    await partitionCount(this.kafka, topic);
  }

  async close(): Promise<void> {
    const producer = await this.producer?.catch(() => null);
    this.producer = null;
    await producer?.close();
  }

  private async sendChunk(
    topic: string,
    chunk: readonly CheckedMessage[],
    traceparent: string | undefined,
  ): Promise<Placed[]> {
    const count = await this.partitionsOf(topic);
    const outgoing = chunk.map(({ key, value }): OutgoingMessage & { partition: number } => ({
      key,
      value,
      partition: partitionOf(topic, key, count),
      headers: { 'content-type': CONTENT_TYPE, ...(traceparent === undefined ? {} : { traceparent }) },
    }));
    const producer = await this.connected();
    const sent = await producer.send(topic, outgoing);
    const next = new Map(sent.map(({ partition, offset }) => [partition, offset]));
    return outgoing.map(({ partition }) => {
      const offset = next.get(partition);
      if (offset === undefined) throw new Error(`the broker named no offset in partition ${partition}`);
      next.set(partition, offset + 1);
      return { partition, offset };
    });
  }

  private async partitionsOf(topic: string): Promise<number> {
    const known = this.partitions.get(topic);
    if (known !== undefined) return known;
    const count = await partitionCount(this.kafka, topic);
    this.partitions.set(topic, count);
    return count;
  }

  /** Connects at the first use: the app starts while Kafka is down, and a failed attempt is not kept. */
  private connected(): Promise<Producer> {
    this.producer ??= createProducer(this.kafka);
    return this.producer;
  }

  /** After an error the next request begins anew: a topic may have been made again, a producer fenced. */
  private async forget(): Promise<void> {
    this.partitions.clear();
    await this.close().catch(() => undefined);
  }
}

function* chunksOf(messages: readonly CheckedMessage[]): Generator<CheckedMessage[]> {
  let chunk: CheckedMessage[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = Buffer.byteLength(message.value);
    if (chunk.length > 0 && bytes + size > CHUNK_BYTES) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(message);
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}
