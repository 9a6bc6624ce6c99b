import { failure, Problem } from '#app/http-edge';
import {
  createProducer,
  type Kafka,
  type OutgoingMessage,
  partitionCount,
  partitionOf,
  type Producer,
  type SentTo,
} from '#app/kafka';
import { faultOf, LateError, within } from '#app/runtime';
import type { CheckedMessage } from './check-messages.js';
import type { IntakeCrashAt } from './crash-points.js';

/** Where a message lies now. */
export interface Placed {
  partition: number;
  offset: number;
}

/** A record batch may have 4 MiB on our topics; several smaller ones are taken as well and hold up nobody. */
const CHUNK_BYTES = 1_048_576;
const CONTENT_TYPE = 'application/cloudevents+json; charset=UTF-8';

/** Longest wait for Kafka in ms: a publisher is better told to come again than left hanging. */
const PATIENCE_MS = 5_000;
/** For a health check, which is asked again: shorter than the edge waits for it, so that it can say why. */
const CHECK_PATIENCE_MS = 1_800;

/** Sends messages with acks from all in-sync replicas and tells the offset of each. */
export class MessageSender {
  private line: KafkaLine | null = null;

  constructor(
    private readonly kafka: Kafka,
    private readonly crashAt: IntakeCrashAt,
  ) {}

  /**
   * In the order given. What was sent before an error stays sent, and what was on its way when the time was over may still
   * arrive; the caller repeats the whole request, and ingest knows each message by its source and id.
   *
   * @throws Problem TEMPORARILY_UNAVAILABLE when Kafka does not take them all within five seconds
   */
  async send(topic: string, messages: readonly CheckedMessage[], traceparent: string | undefined): Promise<Placed[]> {
    this.crashAt('before-sending');
    try {
      const placed = await within(PATIENCE_MS, this.sendAll(topic, messages, traceparent));
      this.crashAt('before-answer');
      return placed;
    } catch (cause) {
      throw new Problem('TEMPORARILY_UNAVAILABLE', 'Kafka does not take messages right now; send the request again', {
        cause,
        headers: { 'retry-after': '5' },
      });
    }
  }

  /** @throws CheckFailedError when Kafka does not answer or a topic is missing */
  async check(topics: readonly string[]): Promise<void> {
    await Promise.all(
      topics.map((topic) =>
        within(CHECK_PATIENCE_MS, partitionCount(this.kafka, topic)).catch((error: unknown) => {
          const isLate = error instanceof LateError;
          const fault = isLate ? { code: 'KAFKA_DOWN', reason: 'Kafka does not answer' } : faultOf(error);
          throw failure({ ...fault, topic }, error);
        }),
      ),
    );
  }

  async close(): Promise<void> {
    await this.line?.close();
    this.line = null;
  }

  private async sendAll(
    topic: string,
    messages: readonly CheckedMessage[],
    traceparent: string | undefined,
  ): Promise<Placed[]> {
    const headers = { 'content-type': CONTENT_TYPE, ...(traceparent === undefined ? {} : { traceparent }) };
    const placed: Placed[] = [];
    for (const chunk of chunksOf(messages)) {
      placed.push(...(await this.through((line) => sendChunk(line, topic, chunk, headers))));
    }
    return placed;
  }

  /**
   * Work on the common line. After an error only the line that failed is given up: a topic may have been made again, a
   * producer fenced, and another request may have a new line already. A request that joined a line of others tries once
   * more on a new one, for that line may have failed of what is over by now.
   */
  private async through<T>(work: (line: KafkaLine) => Promise<T>): Promise<T> {
    const joined = this.line;
    const line = (this.line ??= new KafkaLine(this.kafka));
    try {
      return await line.use(work);
    } catch (error) {
      if (this.line === line) this.line = null;
      line.giveUp();
      if (joined === null) throw error;
    }
    return this.through(work);
  }
}

/** A producer and what it knows of the topics. It connects at once: the app itself starts while Kafka is down. */
class KafkaLine {
  private readonly producer: Promise<Producer>;
  private readonly partitions = new Map<string, number>();
  private users = 0;
  private isGivenUp = false;

  constructor(private readonly kafka: Kafka) {
    this.producer = createProducer(kafka);
    // Whoever uses the line hears of a failure; but it may fail while all of them still ask for the partitions, and a
    // rejection that nobody awaits at that moment ends the process.
    this.producer.catch(() => undefined);
  }

  async use<T>(work: (line: KafkaLine) => Promise<T>): Promise<T> {
    this.users += 1;
    try {
      return await work(this);
    } finally {
      this.users -= 1;
      this.closeWhenUnused();
    }
  }

  /** No further use; closed when the last of those under way is done. */
  giveUp(): void {
    this.isGivenUp = true;
    this.closeWhenUnused();
  }

  async partitionsOf(topic: string): Promise<number> {
    const known = this.partitions.get(topic);
    if (known !== undefined) return known;
    const count = await partitionCount(this.kafka, topic);
    this.partitions.set(topic, count);
    return count;
  }

  async send(topic: string, messages: readonly OutgoingMessage[]): Promise<SentTo[]> {
    return (await this.producer).send(topic, messages);
  }

  async close(): Promise<void> {
    const producer = await this.producer.catch(() => null);
    await producer?.close().catch(() => undefined);
  }

  private closeWhenUnused(): void {
    if (this.isGivenUp && this.users === 0) void this.close();
  }
}

async function sendChunk(
  line: KafkaLine,
  topic: string,
  chunk: readonly CheckedMessage[],
  headers: Record<string, string>,
): Promise<Placed[]> {
  const count = await line.partitionsOf(topic);
  const outgoing = chunk.map(({ key, value }) => ({ key, value, partition: partitionOf(topic, key, count), headers }));
  const sent = await line.send(topic, outgoing);
  const next = new Map(sent.map(({ partition, offset }) => [partition, offset]));
  return outgoing.map(({ partition }) => {
    const offset = next.get(partition);
    if (offset === undefined) throw new Error(`the broker named no offset in partition ${partition}`);
    next.set(partition, offset + 1);
    return { partition, offset };
  });
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
