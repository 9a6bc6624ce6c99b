import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import { type RawMessage, REPORTS_TOPIC } from '../support/kafka.js';
import { between, pick, type Random } from './fault.js';
import { Desk, type Draft } from './messages.js';
import type { World } from './world.js';

/** Messages at full speed, which may be sent in pieces; after them a trickle for as long as the fault goes on. */
const FULL_SPEED = 300;
const PIECE = 20;
const PIECE_EVERY_MS = 80;
const TRICKLE = 3;
const TRICKLE_EVERY_MS = 300;
const LEAST_MS = 1_500;
/** Whatever is broken, somebody mends it sooner. */
const PATIENCE_MS = 180_000;

/**
 * What publishers and stewards send while a fault is injected: reports, revisions, withdrawals, decisions, duplicates and
 * messages that are wrong, by Kafka and by HTTP, in an order that the seed gives. What is not acknowledged is sent again,
 * as every publisher does; what is acknowledged is written down with its offset.
 */
export class Load {
  readonly #desk: Desk;
  readonly #sender: Sender;
  #stopping = false;
  #held: Promise<void> = Promise.resolve();
  #release: () => void = () => undefined;
  #running: Promise<void> = Promise.resolve();
  #sending: Promise<void> = Promise.resolve();
  /** Messages acknowledged, copies included. */
  messages = 0;

  /** @param name of the case */
  constructor(
    private readonly world: World,
    private readonly random: Random,
    private readonly options: { name: string; quiet: boolean; decisions: Draft[] },
  ) {
    this.#desk = new Desk(options.name, random);
    this.#sender = new Sender(world);
  }

  start(): void {
    this.#running = this.run();
    // Whoever stops it hears of it; meanwhile nobody may be listening.
    this.#running.catch(() => undefined);
  }

  /** Resolves when all that was begun is acknowledged. @throws when that did not come about */
  async stop(): Promise<void> {
    this.#stopping = true;
    // A fault that failed did not come to it.
    this.#release();
    await this.#running;
    await this.#sender.close();
  }

  /** Nothing is sent until the function that this gives is called. Resolves when nothing is under way. */
  async hold(): Promise<() => void> {
    this.#held = new Promise((resolve) => {
      this.#release = resolve;
    });
    await this.#sending;
    return this.#release;
  }

  /** Sends this many new reports at once. */
  async burst(count: number): Promise<void> {
    await this.send(Array.from({ length: count }, () => this.#desk.report()));
  }

  /** Sends copies of what was sent before, in any order and on whatever partition. */
  async again(count: number): Promise<void> {
    const sent = this.world.ledgers.sent;
    const copies = Array.from({ length: Math.min(count, sent.length) }, () => pick(this.random, sent));
    await this.deliver(copies, () => between(this.random, 0, this.world.ledgers.partitions - 1));
  }

  private async run(): Promise<void> {
    const startedAt = Date.now();
    const decisions = [...this.options.decisions];
    while (!this.#stopping || Date.now() - startedAt < LEAST_MS || decisions.length > 0) {
      await this.#held;
      const isTrickle = this.options.quiet || this.messages > FULL_SPEED;
      const drafts = Array.from({ length: isTrickle ? TRICKLE : PIECE }, () => this.#desk.next());
      this.#sending = this.send([...drafts, ...decisions.splice(0, 2)]);
      await this.#sending;
      // Of what is new one in ten comes twice anyhow.
      if (!isTrickle) await this.again(2);
      await sleep(isTrickle ? TRICKLE_EVERY_MS : PIECE_EVERY_MS);
    }
  }

  private async send(drafts: readonly Draft[]): Promise<void> {
    const messages = drafts.map((draft) => this.world.ledgers.enter(draft));
    // One request over HTTP for every piece: a report that is right, since wrong ones are refused there.
    const byHttp = messages.find(({ expected }) => 'event' in expected && expected.event === 'ReportRecorded');
    await Promise.all([
      this.deliver(messages.filter((one) => one !== byHttp)),
      byHttp === undefined ? undefined : this.post(byHttp),
    ]);
  }

  private async deliver(messages: readonly SentMessage[], partition?: () => number): Promise<void> {
    const placed = await this.#sender.send(
      messages.map(({ message }) => ({
        ...message,
        partition: message.topic === undefined ? (partition ?? (() => this.partitionOf(message)))() : 0,
      })),
    );
    messages.forEach((message, index) => message.acknowledged.push(placed[index] as Place));
    this.messages += messages.length;
  }

  private async post(sent: SentMessage): Promise<void> {
    const place = await persistently(async () => {
      const answer = await fetch(`${this.world.app('intake-api').url}/v1/reports`, {
        method: 'POST',
        headers: { 'content-type': 'application/cloudevents+json' },
        body: sent.message.value as string,
        signal: AbortSignal.timeout(10_000),
      });
      if (answer.status !== 202) throw new Error(`intake-api answers ${answer.status}: ${await answer.text()}`);
      return (await answer.json()) as Place;
    });
    sent.acknowledged.push({ topic: place.topic, partition: place.partition, offset: place.offset });
    this.messages += 1;
  }

  private partitionOf({ key }: RawMessage): number {
    return createHash('sha256').update(String(key)).digest().readUInt32BE() % this.world.ledgers.partitions;
  }
}

export interface Place {
  topic: string;
  partition: number;
  offset: number;
}

export interface SentMessage extends Draft {
  /** Where copies of it lie, as far as somebody was told. */
  acknowledged: Place[];
}

/** Sends until the broker has acknowledged; of what was cut off half-way it may then have two copies. */
class Sender {
  #producer: Promise<Producer> | null = null;

  constructor(private readonly world: World) {}

  async send(messages: readonly (RawMessage & { partition: number })[]): Promise<Place[]> {
    const places: Place[] = [];
    const targets = [...new Set(messages.map(targetOf))];
    await Promise.all(
      targets.map(async (target) => {
        const group = messages.filter((message) => targetOf(message) === target);
        const { topic = REPORTS_TOPIC, partition } = group[0] as (typeof group)[number];
        const base = await persistently(() => this.sendOnce(topic, group));
        group.forEach((message, index) => {
          places[messages.indexOf(message)] = { topic, partition, offset: base + index };
        });
      }),
    );
    return places;
  }

  async close(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    await (await producer?.catch(() => null))?.disconnect().catch(() => undefined);
  }

  private async sendOnce(topic: string, group: readonly (RawMessage & { partition: number })[]): Promise<number> {
    const connected = (this.#producer ??= connect(this.world.system.brokers));
    try {
      const producer = await connected;
      const messages = group.map(({ partition, key = null, value, headers = {} }) => ({
        partition,
        key,
        value,
        headers,
      }));
      const [answer] = await producer.send({ topic, acks: -1, messages });
      if (answer?.baseOffset === undefined) throw new Error('the broker names no offset');
      return Number(answer.baseOffset);
    } catch (error) {
      if (this.#producer === connected) await this.close();
      throw error;
    }
  }
}

function targetOf({ topic = REPORTS_TOPIC, partition }: RawMessage & { partition: number }): string {
  return `${topic}/${partition}`;
}

async function connect(brokers: string): Promise<Producer> {
  const kafka = new Kafka({
    clientId: 'load',
    brokers: brokers.split(','),
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 100, maxRetryTime: 500, retries: 3 },
  });
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  return producer;
}

async function persistently<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`not acknowledged within ${PATIENCE_MS} ms`, { cause: error });
      await sleep(200);
    }
  }
}
