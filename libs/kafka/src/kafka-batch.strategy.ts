import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import type { Fault } from '#app/runtime';
import type { Logger } from 'pino';
import { Gauge, type Registry } from 'prom-client';
import { isObservable, lastValueFrom } from 'rxjs';
import type { BatchOutcome, KafkaBatch } from './batch.js';
import type { Kafka } from './connection.js';
import type { PartitionCursors } from './cursors.js';
import type { BatchLimits } from './sub-batches.js';
import { SupervisedConsumer } from './supervised-consumer.js';

export interface KafkaBatchOptions {
  kafka: Kafka;
  group: string;
  cursors: PartitionCursors;
  registry: Registry;
  logger: Logger;
  limits?: Partial<BatchLimits>;
  /** Topics that are read beside those that have a handler, and which handler is theirs. */
  alsoRead?: ReadonlyMap<string, string>;
  /** Runs after a batch is recorded and before Kafka hears of it: a place for fault injection. */
  beforeOffsetCommit?: () => void;
}

export interface KafkaHealth {
  /** JOINED: member of the group, every assigned partition located. RETRYING: a partition waits after a failure. */
  state: 'STARTING' | 'JOINED' | 'RETRYING' | 'DOWN' | 'STOPPED';
  lastError: string | null;
  /** What has kept the consumer from the group, or a partition from being recorded, for a while; null: nothing has. */
  fault: (Fault & { seconds: number }) | null;
}

/** One transaction's worth: large enough to pay for its commit, small enough that a heartbeat is never late. */
const LIMITS: BatchLimits = { maxMessages: 500, maxBytes: 4 * 1024 * 1024 };

/**
 * Kafka as a Nest transport that hands over whole batches with their raw bytes.
 *
 * An `@EventPattern<string>('topic')` handler receives a KafkaBatch and answers a BatchOutcome. Order within a partition
 * is kept; partitions run side by side. Delivery is exactly once when the handler moves the batch's cursor in its own
 * transaction (architecture §3).
 */
export class KafkaBatchStrategy extends Server implements CustomTransportStrategy {
  override readonly transportId = Symbol('kafka-batch');
  override propagatesEventHandlerErrors: boolean = true;
  private readonly supervised: SupervisedConsumer;

  constructor(private readonly options: KafkaBatchOptions) {
    super();
    this.supervised = new SupervisedConsumer({
      ...options,
      limits: { ...LIMITS, ...options.limits },
      topics: () => [...this.messageHandlers.keys(), ...(options.alsoRead?.keys() ?? [])],
      handle: (batch) => this.handle(batch),
    });
    this.measureLag();
  }

  listen(callback: (...parameters: unknown[]) => unknown): void {
    this.supervised.start();
    callback();
  }

  /** Finishes the transaction at hand, leaves the group and closes the connections. */
  close(): Promise<void> {
    return this.supervised.stop();
  }

  health(): KafkaHealth {
    return this.supervised.health();
  }

  /** How many this process was given. */
  partitions(): number {
    return this.supervised.lags().length;
  }

  override on(): never {
    throw new Error('the batch transport emits no events: see health()');
  }

  override unwrap(): never {
    throw new Error('the client stays inside libs/kafka');
  }

  private async handle(batch: KafkaBatch): Promise<BatchOutcome> {
    const handler = this.getHandlerByPattern(this.options.alsoRead?.get(batch.topic) ?? batch.topic);
    if (handler === null) throw new Error(`no handler for ${batch.topic}`);
    const answer: unknown = await handler(batch, batch);
    return (isObservable(answer) ? await lastValueFrom(answer) : answer) as BatchOutcome;
  }

  private measureLag(): void {
    const { supervised } = this;
    const gauge = new Gauge({
      name: 'ledger_kafka_lag_messages',
      help: 'Messages that Kafka has and the log does not, per partition (high watermark less cursor)',
      labelNames: ['topic', 'partition'],
      registers: [],
      collect() {
        this.reset();
        for (const { key, lag } of supervised.lags()) {
          this.set({ topic: key.topic, partition: String(key.partition) }, lag);
        }
      },
    });
    this.options.registry.registerMetric(gauge);
  }
}
