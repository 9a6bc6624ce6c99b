import { randomUUID } from 'node:crypto';
import { TOPICS, TYPES } from '#app/contract';
import { Problem } from '#app/http-edge';
import { createProducer, type Kafka, type Producer, type SentTo } from '#app/kafka';

/** CloudEvents source of what stewards do through this API. */
const SOURCE = 'urn:conflict-ledger:audit-api';

export interface ResolveDecision {
  kind: 'REQUEUE' | 'DISCARD';
  rejection: string;
  by: string;
  reason: string;
}

/** Whatever changes the history goes through Kafka: a steward's action is a decision like any other. */
export class DecisionSender {
  private producer: Promise<Producer> | null = null;

  constructor(private readonly kafka: Kafka) {}

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
    try {
      const [sent] = await (await this.connected()).send(TOPICS.DECISIONS, [message]);
      if (sent === undefined) throw new Error('the broker named no place');
      return { ...sent, id };
    } catch (cause) {
      throw new Problem('TEMPORARILY_UNAVAILABLE', 'Kafka does not take the decision right now; nothing was changed', {
        cause,
        headers: { 'retry-after': '5' },
      });
    }
  }

  async close(): Promise<void> {
    const producer = await this.producer?.catch(() => null);
    await producer?.close();
  }

  /** Connects at the first use: auditors can read while Kafka is down, and a failed attempt is not kept. */
  private connected(): Promise<Producer> {
    this.producer ??= createProducer(this.kafka).catch((error: unknown) => {
      this.producer = null;
      throw error;
    });
    return this.producer;
  }
}
