import type { Admin } from 'kafkajs';
import type { Logger } from 'pino';
import { gapOf, type Watermarks } from './gap.js';
import type { PartitionCursor, PartitionCursors, PartitionKey } from './cursors.js';

/**
 * Where this process stands in each assigned partition. Filled from the database when the partition is assigned and
 * whenever a compare-and-set was lost; moved in memory after each recorded batch.
 */
export class Positions {
  private readonly known = new Map<string, PartitionCursor>();
  private readonly highWatermarks = new Map<string, { key: PartitionKey; high: number }>();

  constructor(
    private readonly cursors: PartitionCursors,
    private readonly admin: Admin,
    private readonly logger: Logger,
  ) {}

  get(key: PartitionKey): PartitionCursor | undefined {
    return this.known.get(nameOf(key));
  }

  moved(key: PartitionKey, cursor: PartitionCursor): void {
    this.known.set(nameOf(key), cursor);
  }

  forget(key: PartitionKey): void {
    this.known.delete(nameOf(key));
  }

  forgetAll(): void {
    this.known.clear();
    this.highWatermarks.clear();
  }

  sawHighWatermark(key: PartitionKey, high: number): void {
    this.highWatermarks.set(nameOf(key), { key, high });
  }

  /** Messages that Kafka has and the database does not, per assigned partition. */
  lags(): { key: PartitionKey; lag: number }[] {
    return [...this.highWatermarks].flatMap(([name, { key, high }]) => {
      const cursor = this.known.get(name);
      return cursor === undefined ? [] : [{ key, lag: Math.max(0, high - cursor.next) }];
    });
  }

  /** Asks the broker how far each assigned partition goes, for the lag of partitions that bring nothing. */
  async refreshHighWatermarks(): Promise<void> {
    const keys = [...this.highWatermarks.values()].map(({ key }) => key);
    for (const topic of new Set(keys.map((key) => key.topic))) {
      const offsets = await this.admin.fetchTopicOffsets(topic);
      for (const key of keys.filter((one) => one.topic === topic)) {
        const found = offsets.find(({ partition }) => partition === key.partition);
        if (found !== undefined) this.sawHighWatermark(key, Number(found.high));
      }
    }
  }

  /**
   * Reads the cursor from the database and compares it with what Kafka still has; a gap is recorded first.
   * @returns where to read on
   */
  async locate(key: PartitionKey): Promise<PartitionCursor> {
    for (;;) {
      const cursor = await this.cursors.read(key);
      const watermarks = await this.watermarks(key);
      const gap = gapOf(key, cursor, watermarks);
      if (gap === null) {
        this.moved(key, cursor);
        this.sawHighWatermark(key, watermarks.high);
        return cursor;
      }
      this.logger.error({ gap }, 'Kafka lost messages before they were read');
      const outcome = await this.cursors.recordGap(gap);
      if (outcome.kind === 'retry') throw new Error(`the gap could not be recorded: ${outcome.reason}`);
    }
  }

  async watermarks({ topic, partition }: PartitionKey): Promise<Watermarks> {
    const offsets = await this.admin.fetchTopicOffsets(topic);
    const found = offsets.find((one) => one.partition === partition);
    if (found === undefined) throw new Error(`${topic} has no partition ${partition}`);
    return { low: Number(found.low), high: Number(found.high) };
  }
}

function nameOf({ topic, partition }: PartitionKey): string {
  return `${topic}/${partition}`;
}
