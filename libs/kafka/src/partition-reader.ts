import type { Consumer, EachBatchPayload } from 'kafkajs';
import { FaultWatch } from '#app/runtime';
import type { Logger } from 'pino';
import { backOffMs } from './back-off.js';
import type { BatchOutcome, KafkaBatch } from './batch.js';
import { type PartitionCursor, type PartitionKey, partitionName } from './cursors.js';
import { isSame } from './lineage.js';
import type { Positions } from './positions.js';
import type { ToldOffsets } from './told-offsets.js';
import { type BatchLimits, subBatches, toRecord } from './sub-batches.js';

export interface ReaderParts {
  consumer: Consumer;
  positions: Positions;
  told: ToldOffsets;
  limits: BatchLimits;
  logger: Logger;
  keyOf: (topic: string, partition: number) => PartitionKey;
  handle: (batch: KafkaBatch) => Promise<BatchOutcome>;
}

/** The client's heartbeat while one transaction takes long; well below the session time-out of 10 s. */
const KEEP_ALIVE_MS = 2000;

/** Hands what the client fetched to the handler, piece by piece, and keeps the client where the database stands. */
export class PartitionReader {
  private readonly failures = new Map<string, number>();
  /** Of each partition: one that works must not hide one that does not. */
  private readonly watches = new Map<string, FaultWatch>();
  private readonly underWay = new Set<Promise<void>>();
  private readonly resumptions = new Set<NodeJS.Timeout>();
  private draining = false;

  constructor(private readonly parts: ReaderParts) {}

  /** Stops after the piece at hand; nothing new is begun. */
  drain(): void {
    this.draining = true;
    for (const timer of this.resumptions) clearTimeout(timer);
    this.resumptions.clear();
  }

  /** When no batch is under way. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.underWay);
  }

  /** Whether a partition waits because its last attempts failed. */
  get troubled(): boolean {
    return this.failures.size > 0;
  }

  /** What has kept a partition from being recorded for at least so long; null: nothing has. */
  lastingFault(seconds: number): ReturnType<FaultWatch['lasting']> {
    for (const watch of this.watches.values()) {
      const fault = watch.lasting(seconds);
      if (fault !== null) return fault;
    }
    return null;
  }

  /** After a (re)assignment: what failed, or moved, may be another process's partition now. */
  forget(): void {
    this.parts.told.forget();
    this.failures.clear();
    this.watches.clear();
  }

  /**
   * Puts the client where the database stands: after a (re)assignment and after a lost compare-and-set. A partition that was taken
   * away is left to whoever has it.
   */
  async seekToCursor(key: PartitionKey): Promise<void> {
    const cursor = await this.parts.positions.locate(key);
    if (cursor === null) return;
    // What was failing may have been recorded by another process: then nothing comes that would clear it.
    this.watches.delete(partitionName(key));
    this.parts.consumer.seek({ topic: key.topic, partition: key.partition, offset: String(cursor.next) });
    // Whoever had it before may have ended before Kafka was told.
    this.parts.told.moved(key);
  }

  /** Finds partitions that bring no message which would show that something is wrong with them. */
  async look(keys: readonly PartitionKey[]): Promise<void> {
    const lost = await this.parts.positions.lost(keys);
    if (!this.draining) await Promise.all(lost.map((key) => this.seekToCursor(key)));
  }

  async eachBatch(payload: EachBatchPayload): Promise<void> {
    const work = this.takeBatch(payload);
    this.underWay.add(work);
    try {
      await work;
    } finally {
      this.underWay.delete(work);
    }
  }

  private async takeBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const key = this.parts.keyOf(batch.topic, batch.partition);
    try {
      const cursor = await this.cursorOf(payload, key);
      if (cursor !== null) await this.handleAll(payload, key, cursor);
    } catch (error) {
      // A rebalance is the client's own business; what else fails here passes or is told again at the next attempt.
      if (isOfClient(error)) throw error;
      this.pause(key, error instanceof Error ? error.message : String(error), error);
    }
  }

  /** The cursor at which the fetched messages begin; null when the client has to be put elsewhere first. */
  private async cursorOf({ batch }: EachBatchPayload, key: PartitionKey): Promise<PartitionCursor | null> {
    const { positions } = this.parts;
    const cursor = positions.get(key);
    positions.sawHighWatermark(key, Number(batch.highWatermark));
    // A cursor that is read only now may be of another log than what was fetched before.
    if (cursor === undefined || !(await positions.isOfLog(key, cursor))) {
      await this.seekToCursor(key);
      return null;
    }
    const first = Number(batch.firstOffset() ?? cursor.next);
    if (first === cursor.next) return cursor;
    // Behind the cursor: an old position of the client, or a topic cut off. Ahead of it: compacted offsets and
    // transaction markers, or messages that expired while the client silently reset itself. The watermarks tell.
    const located = await positions.locate(key);
    if (located === null) return null;
    if (first > cursor.next && isWhereItWas(located, cursor)) return located;
    await this.seekToCursor(key);
    return null;
  }

  private async handleAll(payload: EachBatchPayload, key: PartitionKey, at: PartitionCursor): Promise<void> {
    const { batch } = payload;
    const { positions, limits } = this.parts;
    const records = batch.messages.map(toRecord);
    const afterLast = Number(batch.lastOffset()) + 1;
    const lastRecord = records.at(-1);
    let cursor = at;
    for (const messages of subBatches(records, limits)) {
      const last = messages.at(-1);
      // Whoever located the partition meanwhile may have found another topic: these messages are not that one's.
      const isOutdated = positions.get(key) !== cursor;
      if (this.draining || !payload.isRunning() || payload.isStale() || isOutdated || !last) break;
      const next = last === lastRecord ? afterLast : last.offset + 1;
      const outcome = await this.handleAlive(payload, {
        ...key,
        cursorId: cursor.cursorId,
        expected: cursor.next,
        next,
        messages,
        highWatermark: Number(batch.highWatermark),
      });
      if (outcome.kind !== 'recorded') {
        await this.recover(outcome, key);
        break;
      }
      this.failures.delete(partitionName(key));
      this.watches.delete(partitionName(key));
      if (positions.get(key) !== cursor) break;
      cursor = { ...cursor, next };
      positions.moved(key, cursor);
      payload.resolveOffset(String(last.offset));
      await payload.heartbeat();
    }
    if (cursor !== at) this.parts.told.moved(key);
  }

  private async handleAlive(payload: EachBatchPayload, batch: KafkaBatch): Promise<BatchOutcome> {
    const beat = setInterval(() => {
      payload.heartbeat().catch(() => undefined);
    }, KEEP_ALIVE_MS);
    try {
      return await this.parts.handle(batch);
    } catch (error) {
      return { kind: 'retry', reason: error instanceof Error ? error.message : String(error), cause: error };
    } finally {
      clearInterval(beat);
    }
  }

  private async recover(outcome: Exclude<BatchOutcome, { kind: 'recorded' }>, key: PartitionKey): Promise<void> {
    if (outcome.kind === 'retry') {
      this.pause(key, outcome.reason, outcome.cause);
      return;
    }
    this.parts.logger.warn({ topic: key.topic, partition: key.partition }, 'another process recorded this batch');
    this.parts.positions.forget(key);
    await this.seekToCursor(key);
  }

  /** Leaves the partition alone for a while. The client goes on with the others and stays in the group. */
  private pause(key: PartitionKey, reason: string, cause: unknown): void {
    const { topic, partition } = key;
    const attempt = this.failures.get(partitionName(key)) ?? 0;
    this.failures.set(partitionName(key), attempt + 1);
    const watch = this.watches.get(partitionName(key)) ?? new FaultWatch();
    this.watches.set(partitionName(key), watch);
    watch.failed(cause);
    const waitMs = backOffMs(attempt);
    this.parts.logger.warn({ topic, partition, attempt, waitMs, reason }, 'a batch waits to be tried again');
    this.parts.consumer.pause([{ topic, partitions: [partition] }]);
    const timer = setTimeout(() => {
      this.resumptions.delete(timer);
      if (!this.draining) this.parts.consumer.resume([{ topic, partitions: [partition] }]);
    }, waitMs);
    this.resumptions.add(timer);
  }
}

function isWhereItWas(located: PartitionCursor, before: PartitionCursor): boolean {
  const isMoved = located.cursorId !== before.cursorId || located.next !== before.next;
  return !isMoved && isSame(located.lineage, before.lineage);
}

function isOfClient(error: unknown): boolean {
  return error instanceof Error && error.name.startsWith('KafkaJS') && error.name !== 'KafkaJSNonRetriableError';
}
