import { setTimeout as pause } from 'node:timers/promises';
import type { Consumer, ConsumerCrashEvent, ConsumerGroupJoinEvent } from 'kafkajs';
import { FaultWatch } from '#app/runtime';
import { backOffMs } from './back-off.js';
import type { BatchOutcome, KafkaBatch } from './batch.js';
import type { PartitionKey } from './cursors.js';
import type { KafkaBatchOptions, KafkaHealth } from './kafka-batch.strategy.js';
import { Lineages } from './lineages.js';
import { PartitionReader } from './partition-reader.js';
import { Positions } from './positions.js';
import { clusterId } from './topics.js';
import type { BatchLimits } from './sub-batches.js';
import { ToldOffsets } from './told-offsets.js';

export interface SupervisedOptions extends KafkaBatchOptions {
  limits: BatchLimits;
  topics: () => string[];
  handle: (batch: KafkaBatch) => Promise<BatchOutcome>;
}

interface Session {
  consumer: Consumer;
  positions: Positions;
  told: ToldOffsets;
  reader: PartitionReader;
}

/** Without a fetch, a heartbeat or a batch for this long the client is taken for dead, whatever it says. */
const SILENCE_MS = 90_000;
const LOOK_EVERY_MS = 5000;
const TELL_EVERY_MS = 1000;
/** A deadlock, a lost race or a fail-over is over by then. */
const LASTING_S = 5;

/**
 * A consumer that comes back. kafkajs disconnects for good after an error that it holds to be final, and the process
 * lives on; so every crash ends the session here and a new one is built after a pause.
 */
export class SupervisedConsumer {
  private session: Session | null = null;
  private state: KafkaHealth['state'] = 'STARTING';
  private lastError: string | null = null;
  private readonly watch = new FaultWatch();
  private attempt = 0;
  private lastSign = Date.now();
  private stopped = false;
  private wake: () => void = () => undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly options: SupervisedOptions) {}

  start(): void {
    this.running = this.supervise();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.session?.reader.drain();
    this.wake();
    await this.running;
    this.state = 'STOPPED';
  }

  health(): KafkaHealth {
    const retrying = this.state === 'JOINED' && this.session?.reader.troubled === true;
    // Out of the group every fault counts at once: nothing is read.
    const fault = this.state === 'JOINED' ? this.session?.reader.lastingFault(LASTING_S) : this.watch.lasting(0);
    return { state: retrying ? 'RETRYING' : this.state, lastError: this.lastError, fault: fault ?? null };
  }

  lags(): ReturnType<Positions['lags']> {
    return this.session?.positions.lags() ?? [];
  }

  private async supervise(): Promise<void> {
    while (!this.stopped) {
      try {
        await this.runSession();
      } catch (error) {
        this.failed(error);
      }
      if (!this.stopped) await this.pause(backOffMs(this.attempt++));
    }
  }

  /** Returns when the session is over: stopped, crashed, or silent for too long. */
  private async runSession(): Promise<void> {
    const { kafka, logger } = this.options;
    const consumer = kafka.consumer({
      groupId: this.options.group,
      // Added partitions are seen after this long.
      metadataMaxAge: 10_000,
      // The partitions of a killed process are given away after this long. Too short costs rebalances, never data.
      sessionTimeout: 10_000,
      rebalanceTimeout: 20_000,
      heartbeatInterval: 2000,
      maxWaitTimeInMs: 250,
      // About 200 usual messages: one transaction. What is fetched ahead lives long, and the garbage collector pays for it.
      maxBytesPerPartition: 256 * 1024,
      allowAutoTopicCreation: false,
      retry: { initialRetryTime: 200, maxRetryTime: 3000, retries: 6, restartOnFailure: async () => false },
    });
    const admin = kafka.admin();
    const lineages = new Lineages(kafka, logger);
    try {
      await admin.connect();
      await lineages.connect();
      const cluster = await clusterId(kafka);
      const positions = new Positions({ cursors: this.options.cursors, admin, lineages, logger });
      const told = this.toldOf(consumer, positions);
      const reader = this.readerOf(consumer, { positions, told }, cluster);
      this.session = { consumer, positions, told, reader };
      const over = this.untilOver(this.session, cluster);
      await consumer.connect();
      await consumer.subscribe({ topics: this.options.topics(), fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        // Their transactions wait for the disk side by side; the next fetch waits for all of this one.
        partitionsConsumedConcurrently: 4,
        eachBatch: (payload) => reader.eachBatch(payload),
      });
      await over;
    } finally {
      // However it ended: what was begun to look at it ends as well.
      this.wake();
      this.session?.reader.drain();
      this.state = 'DOWN';
      if (this.stopped) await this.lastWords();
      await consumer.disconnect().catch(() => undefined);
      await admin.disconnect().catch(() => undefined);
      await lineages.close().catch(() => undefined);
      this.session = null;
    }
  }

  /** Kafka's own tools then show how far ingest is while it is stopped. Without a broker they do not, and nobody waits for one. */
  private async lastWords(): Promise<void> {
    await this.session?.reader.settled();
    await Promise.race([this.session?.told.tell(), pause(TELL_EVERY_MS, undefined, { ref: false })]);
  }

  private toldOf(consumer: Consumer, positions: Positions): ToldOffsets {
    const { logger, beforeOffsetCommit } = this.options;
    return new ToldOffsets({
      consumer,
      positions,
      logger,
      ...(beforeOffsetCommit === undefined ? {} : { beforeOffsetCommit }),
    });
  }

  private readerOf(
    consumer: Consumer,
    { positions, told }: Pick<Session, 'positions' | 'told'>,
    cluster: string,
  ): PartitionReader {
    const { limits, logger, group, handle } = this.options;
    return new PartitionReader({
      consumer,
      positions,
      told,
      limits,
      logger,
      handle,
      keyOf: (topic, partition) => ({ cluster, topic, partition, group }),
    });
  }

  private untilOver({ consumer, positions, told, reader }: Session, cluster: string): Promise<void> {
    return new Promise((resolve) => {
      let assigned: PartitionKey[] = [];
      let looking: Promise<void> | null = null;
      const look = setInterval(() => {
        // One at a time: a broker that answers late is not asked ever more.
        looking ??= reader
          .look(assigned)
          .catch((error: Error) => this.options.logger.warn({ reason: error.message }, 'partitions were not looked at'))
          .finally(() => {
            looking = null;
          });
        if (Date.now() - this.lastSign > SILENCE_MS) end(new Error(`no sign of life for ${SILENCE_MS / 1000} s`));
      }, LOOK_EVERY_MS);
      const tell = setInterval(() => void told.tell(), TELL_EVERY_MS);
      const end = (error?: Error): void => {
        clearInterval(look);
        clearInterval(tell);
        if (error !== undefined) this.failed(error);
        resolve();
      };
      const alive = (): void => {
        this.lastSign = Date.now();
      };
      alive();
      this.wake = end;
      if (this.stopped) end();
      consumer.on(consumer.events.FETCH, alive);
      consumer.on(consumer.events.HEARTBEAT, alive);
      consumer.on(consumer.events.END_BATCH_PROCESS, alive);
      consumer.on(consumer.events.CRASH, ({ payload }: ConsumerCrashEvent) => end(payload.error));
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }: ConsumerGroupJoinEvent) => {
        reader.forget();
        assigned = Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) =>
          partitions.map((partition): PartitionKey => ({ cluster, topic, partition, group: this.options.group })),
        );
        positions.assign(assigned);
        this.locateAll(reader, assigned).catch(end);
      });
    });
  }

  private async locateAll(reader: PartitionReader, keys: readonly PartitionKey[]): Promise<void> {
    // A partition that cannot be located now is located when it brings its first batch, or at the next look.
    const located = await Promise.allSettled(keys.map((key) => reader.seekToCursor(key)));
    const failed = located.find((one) => one.status === 'rejected');
    if (failed !== undefined) this.failed(failed.reason);
    else {
      this.attempt = 0;
      this.watch.worked();
      this.lastError = null;
    }
    this.state = 'JOINED';
    this.options.logger.info({ partitions: keys.length }, 'joined the consumer group');
  }

  private failed(error: unknown): void {
    this.watch.failed(error);
    this.lastError = error instanceof Error ? error.message : String(error);
    this.options.logger.error({ reason: this.lastError }, 'the Kafka consumer failed');
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
