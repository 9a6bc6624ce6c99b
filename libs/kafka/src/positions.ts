import type { Admin } from 'kafkajs';
import type { Logger } from 'pino';
import { gapOf, type PartitionState } from './gap.js';
import { type PartitionCursor, type PartitionCursors, type PartitionKey, partitionName } from './cursors.js';
import { isSame, isSameTopic, type Lineage } from './lineage.js';
import type { Lineages } from './lineages.js';

export interface PositionsParts {
  cursors: PartitionCursors;
  admin: Pick<Admin, 'fetchTopicOffsets'>;
  lineages: Pick<Lineages, 'of' | 'endOf'>;
  logger: Logger;
}

/**
 * Where this process stands in each assigned partition. Filled from the database when the partition is assigned and
 * whenever a compare-and-set was lost; moved in memory after each recorded batch.
 *
 * Whoever asks the database or the broker may be answered after another assignment: such an answer is of no use and changes nothing,
 * or a partition that was taken away would be back, with a lag that nobody works off.
 */
export class Positions {
  /** Names; another set at each assignment, by which an answer that comes too late is known. */
  private assigned: ReadonlySet<string> = new Set();
  private readonly known = new Map<string, PartitionCursor>();
  private readonly highWatermarks = new Map<string, { key: PartitionKey; high: number }>();

  constructor(private readonly parts: PositionsParts) {}

  get(key: PartitionKey): PartitionCursor | undefined {
    return this.known.get(partitionName(key));
  }

  moved(key: PartitionKey, cursor: PartitionCursor): void {
    this.known.set(partitionName(key), cursor);
  }

  forget(key: PartitionKey): void {
    this.known.delete(partitionName(key));
  }

  /** Whoever had these partitions before may have moved their cursors: nothing known so far holds. */
  assign(keys: readonly PartitionKey[]): void {
    this.assigned = new Set(keys.map(partitionName));
    this.known.clear();
    this.highWatermarks.clear();
  }

  sawHighWatermark(key: PartitionKey, high: number): void {
    this.highWatermarks.set(partitionName(key), { key, high });
  }

  /** Messages that Kafka has and the database does not, per assigned partition. */
  lags(): { key: PartitionKey; lag: number }[] {
    return [...this.highWatermarks].flatMap(([name, { key, high }]) => {
      const cursor = this.known.get(name);
      return cursor === undefined ? [] : [{ key, lag: Math.max(0, high - cursor.next) }];
    });
  }

  /**
   * Whether what was fetched before this call is of the log that the cursor reads. Its offsets do not say: a topic made anew, or
   * one that was cut off, goes on where one likes.
   */
  async isOfLog({ topic, partition }: PartitionKey, { lineage }: PartitionCursor): Promise<boolean> {
    return isSame(lineage, await this.parts.lineages.of(topic, partition, lineage));
  }

  /**
   * Asks the broker how far the partitions go, for the lag of those that bring nothing.
   * @returns those to be located: they never were, or Kafka does not have what the cursor says. A topic made anew and empty
   * brings no message that would show it. None after another assignment: all of them are located then.
   */
  async lost(keys: readonly PartitionKey[]): Promise<PartitionKey[]> {
    const { assigned } = this;
    // Before the broker is asked, so that a batch recorded meanwhile does not seem to lie beyond the end.
    const before = keys.map((key) => ({ key, cursor: this.get(key) }));
    const topics = [...new Set(keys.map(({ topic }) => topic))];
    const asked = await Promise.allSettled(
      topics.map((topic) => this.statesOf(topic, keys, (key) => this.get(key)?.lineage)),
    );
    if (this.assigned !== assigned) return [];
    const states = new Map(asked.flatMap((one) => (one.status === 'fulfilled' ? [...one.value] : [])));
    return before.flatMap(({ key, cursor }) => {
      const state = states.get(partitionName(key));
      if (state === undefined) return [];
      this.sawHighWatermark(key, state.high);
      const isFound = cursor !== undefined && isSame(cursor.lineage, state.lineage);
      return isFound && gapOf(key, cursor, state) === null ? [] : [key];
    });
  }

  /**
   * Reads the cursor from the database and compares it with what Kafka still has; a gap is recorded first.
   * @returns where to read on; null: the partition is not assigned, or was assigned anew meanwhile
   */
  async locate(key: PartitionKey): Promise<PartitionCursor | null> {
    const { cursors, logger } = this.parts;
    const { assigned } = this;
    while (assigned.has(partitionName(key))) {
      const cursor = await cursors.read(key);
      const state = await this.stateOf(key, cursor);
      if (this.assigned !== assigned) break;
      const gap = gapOf(key, cursor, state);
      if (gap !== null) {
        logger.error({ gap }, 'Kafka lost messages before they were read');
        const outcome = await cursors.recordGap(gap);
        if (outcome.kind === 'retry') throw new Error(`the gap could not be recorded: ${outcome.reason}`);
        continue;
      }
      const { topicId, epoch } = cursor.lineage;
      const lineage = { topicId: state.lineage.topicId ?? topicId, epoch: state.lineage.epoch ?? epoch };
      const isNew = lineage.topicId !== topicId || lineage.epoch !== epoch;
      if (isNew && !(await cursors.setLineage(cursor.cursorId, cursor.lineage, lineage))) continue;
      if (this.assigned !== assigned) break;
      const located = { ...cursor, lineage };
      this.moved(key, located);
      this.sawHighWatermark(key, state.high);
      return located;
    }
    return null;
  }

  private async stateOf(key: PartitionKey, { lineage, next }: PartitionCursor): Promise<PartitionState> {
    const { topic, partition } = key;
    const state = (await this.statesOf(topic, [key], () => lineage)).get(partitionName(key));
    if (state === undefined) throw new Error(`${topic} has no partition ${partition}`);
    const now = state.lineage;
    if (!isSameTopic(lineage, now) || lineage.epoch === null || now.epoch === null) return state;
    // In the cursor's epoch nothing is cut off. An end before the cursor is then that of a broker which slept while another one led
    // and was read; or of one that was set back: only the leader's own word counts.
    if (lineage.epoch === now.epoch && next <= state.high) return state;
    return { ...state, kept: await this.parts.lineages.endOf(topic, partition, lineage.epoch, now) };
  }

  /** By name, of those of `keys` that are partitions of the topic. */
  private async statesOf(
    topic: string,
    keys: readonly PartitionKey[],
    known: (key: PartitionKey) => Lineage | undefined,
  ): Promise<Map<string, PartitionState>> {
    const { admin, lineages } = this.parts;
    const offsets = await admin.fetchTopicOffsets(topic);
    const states = keys.map(async (key): Promise<[string, PartitionState][]> => {
      const ends = offsets.find(({ partition }) => key.topic === topic && partition === key.partition);
      if (ends === undefined) return [];
      // After the offsets: if they are of another log than this, then of one before it, and this shows it.
      const lineage = await lineages.of(topic, key.partition, known(key));
      return [[partitionName(key), { low: Number(ends.low), high: Number(ends.high), lineage, kept: null }]];
    });
    return new Map((await Promise.all(states)).flat());
  }
}
