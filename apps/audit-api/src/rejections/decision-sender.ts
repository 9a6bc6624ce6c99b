import { randomUUID } from 'node:crypto';
import { TOPICS, TYPES } from '#app/contract';
import { Problem } from '#app/http-edge';
import { createProducer, type Kafka, type Producer, type SentTo } from '#app/kafka';
import { within } from '#app/runtime';
import type { AuditCrashAt } from '../crash-points.js';

/** CloudEvents source of what stewards do through this API. */
const SOURCE = 'urn:conflict-ledger:audit-api';
/** Longest wait for Kafka in ms, for the connection and again for the message. */
const PATIENCE_MS = 5_000;

export interface ResolveDecision {
  kind: 'REQUEUE' | 'DISCARD';
  rejection: string;
  by: string;
  reason: string;
}

/** Whatever changes the history goes through Kafka: a steward's action is a decision like any other. */
export class DecisionSender {
  private producer: Promise<Producer> | null = null;

  constructor(
    private readonly kafka: Kafka,
    private readonly crashAt: AuditCrashAt,
  ) {}

  /** @throws Problem TEMPORARILY_UNAVAILABLE when Kafka does not take it */
  async send(decision: ResolveDecision): Promise<SentTo & { id: string }> {
    const id = randomUUID();
    const event = {
      specversion: '1.0',
      id,
      source: SOURCE,
      type: TYPES.DECISION,
      time: new Date().toISOString(),
      datacontenttype: 'application/json',
      data: decision,
    };
    const message = {
      key: `${SOURCE}|${decision.rejection}`,
      value: JSON.stringify(event),
      headers: { 'content-type': 'application/cloudevents+json; charset=UTF-8' },
    };
    const producer = this.connected();
    this.crashAt('before-sending');
    try {
      const [sent] = await within(PATIENCE_MS, (await within(PATIENCE_MS, producer)).send(TOPICS.DECISIONS, [message]));
      if (sent === undefined) throw new Error('the broker named no place');
      this.crashAt('after-sending');
      return { ...sent, id };
    } catch (cause) {
      this.giveUp(producer);
      throw new Problem(
        'TEMPORARILY_UNAVAILABLE',
        'Kafka does not take the decision right now; look at the rejection and decide again',
        {
          cause,
          headers: { 'retry-after': '5' },
        },
      );
    }
  }

  async close(): Promise<void> {
    const producer = await this.producer?.catch(() => null);
    await producer?.close();
  }

  /** Connects at the first use: auditors can read while Kafka is down. */
  private connected(): Promise<Producer> {
    this.producer ??= createProducer(this.kafka);
    return this.producer;
  }

  /** After an error the next decision gets a producer of its own: this one may be fenced, or still wait for the broker. */
  private giveUp(failed: Promise<Producer>): void {
    if (this.producer === failed) this.producer = null;
    void failed.then((producer) => producer.close()).catch(() => undefined);
  }
}
