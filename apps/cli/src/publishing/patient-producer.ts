import { setTimeout as pause } from 'node:timers/promises';
import { createProducer, type OutgoingMessage, type Producer } from '#app/kafka';
import { CommandError, EXIT, unreachable } from '../exit-codes.js';
import type { Broker } from './connect.js';

/** A broker that restarts is back well within this. */
const PATIENCE_MS = 90_000;
const PAUSE_MS = 1000;

/**
 * A producer that outlives a restart of the broker: what was not acknowledged is sent again, through a new connection. The
 * ledger tells repetitions by their CloudEvents id, so sending twice counts once.
 */
export class PatientProducer {
  private constructor(
    private readonly broker: Broker,
    private producer: Producer,
    private readonly note: (line: string) => void,
  ) {}

  /** @throws CommandError with exit code 3 when no broker answers at the start */
  static async open(broker: Broker, note: (line: string) => void): Promise<PatientProducer> {
    const producer = await createProducer(broker.kafka).catch((error: Error) => {
      throw unreachable(`Kafka at ${broker.brokers}`, error.message);
    });
    return new PatientProducer(broker, producer, note);
  }

  /**
   * Resolves when every in-sync replica has all of the batch.
   * @throws CommandError with exit code 3 when the broker stays away, 1 when it refuses the batch for good
   */
  async send(topic: string, batch: readonly OutgoingMessage[]): Promise<void> {
    const giveUpAt = Date.now() + PATIENCE_MS;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.producer.send(topic, batch);
        return;
      } catch (error) {
        if (!passes(error))
          throw new CommandError(`Kafka refuses the messages: ${(error as Error).message}`, EXIT.failed);
        if (Date.now() > giveUpAt) throw unreachable(`Kafka at ${this.broker.brokers}`, (error as Error).message);
        if (attempt === 1) this.note(`Kafka does not answer (${(error as Error).message}); trying again for a while`);
        await pause(PAUSE_MS);
        await this.reconnect();
      }
    }
  }

  async close(): Promise<void> {
    await this.producer.close().catch(() => undefined);
  }

  private async reconnect(): Promise<void> {
    await this.close();
    const fresh = await createProducer(this.broker.kafka).catch(() => null);
    // Without a connection the next send fails on the closed producer and comes back here.
    if (fresh !== null) this.producer = fresh;
  }
}

/**
 * False for what the broker will refuse again: its own errors that it calls permanent (a message too large, no right to
 * write) and wrong credentials. Everything else is a connection that comes back or a broker that is starting.
 */
export function passes(error: unknown): boolean {
  for (let each = error as FromKafka | undefined; each instanceof Error; each = each.cause as FromKafka | undefined) {
    if (each.name === 'KafkaJSSASLAuthenticationError') return false;
    if (each.name === 'KafkaJSProtocolError' && each.retriable === false) return false;
  }
  return true;
}

type FromKafka = Error & { retriable?: boolean };
