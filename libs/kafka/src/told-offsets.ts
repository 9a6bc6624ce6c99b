import type { Consumer } from 'kafkajs';
import type { Logger } from 'pino';
import { type PartitionKey, partitionName } from './cursors.js';
import type { Positions } from './positions.js';

export interface ToldOffsetsParts {
  consumer: Pick<Consumer, 'commitOffsets'>;
  positions: Pick<Positions, 'get'>;
  logger: Logger;
  beforeOffsetCommit?: () => void;
}

/**
 * Tells Kafka how far the partitions are recorded. Its copy is for its own tools and never read here, so a failure changes nothing.
 * Told with every batch, small ones would cost the broker half as much again.
 */
export class ToldOffsets {
  /** Partitions that have moved since Kafka was told. */
  private readonly untold = new Map<string, PartitionKey>();
  /** One after the other: an older word that is tried again must not come after a newer one. */
  private telling: Promise<void> = Promise.resolve();

  constructor(private readonly parts: ToldOffsetsParts) {}

  moved(key: PartitionKey): void {
    this.untold.set(partitionName(key), key);
  }

  /** After a (re)assignment: what moved may be another process's partition now. */
  forget(): void {
    this.untold.clear();
  }

  tell(): Promise<void> {
    this.telling = this.telling.then(() => this.commit());
    return this.telling;
  }

  private async commit(): Promise<void> {
    const keys = [...this.untold.values()];
    this.untold.clear();
    const offsets = keys.flatMap((key) => {
      const cursor = this.parts.positions.get(key);
      return cursor === undefined ? [] : [{ topic: key.topic, partition: key.partition, offset: String(cursor.next) }];
    });
    if (offsets.length === 0) return;
    try {
      this.parts.beforeOffsetCommit?.();
      await this.parts.consumer.commitOffsets(offsets);
    } catch (error) {
      this.parts.logger.debug({ reason: (error as Error).message }, 'offsets not committed');
      for (const key of keys) this.moved(key);
    }
  }
}
