import type { KafkaBatch } from '#app/kafka';
import { advanceCursor, appendEvents, HeldSecrets, type PreparedEvent } from '#app/log';
import { withTransaction } from '#app/runtime';
import type { Pool, PoolClient } from 'pg';
import type { IngestCrashAt } from '../crash-points.js';
import type { AttemptContext, ForcedRefusals, IngestContext } from '../ingest-context.js';
import type { Message } from '../read-message/message.js';
import { insertRejections, type RejectionRow } from '../reject/insert-rejections.js';
import { decideMessages } from './decide-batch.js';
import { insertDuplicates } from './insert-duplicates.js';
import { insertResolutions } from './insert-resolutions.js';
import { ActiveBoundarySets } from '../place/active-boundary-sets.js';
import { type Keyed, readKeyed } from './keyed.js';
import type { Plan } from './plan.js';
import { preparePlan } from './prepare-plan.js';

/** What one committed transaction recorded. `first` is null when the batch held only duplicates. */
export interface Recorded {
  first: number | null;
  events: readonly PreparedEvent[];
  rejections: readonly RejectionRow[];
  duplicates: Plan['duplicates'];
  /** Seconds under the lock of the counter: the append with its commit. */
  appendSeconds: number;
}

/** Another process moved the cursor: nothing of this batch may be recorded here. */
export class StaleCursorError extends Error {
  override readonly name = 'StaleCursorError';
}

/** What a transaction holds as it is until it ends; the same objects for as long as nothing was replaced. */
type Held = Pick<AttemptContext, 'secrets' | 'placeInSets'>;

/** One batch, one transaction, in the order of architecture §3. */
export class BatchRecorder {
  private readonly boundarySets: ActiveBoundarySets;
  private readonly secrets: HeldSecrets;
  /** What the last transaction held: messages are read and written with it before their own begins. */
  private held: Held | null = null;

  constructor(
    private readonly pool: Pool,
    private readonly context: IngestContext,
    private readonly crashAt: IngestCrashAt,
  ) {
    this.boundarySets = new ActiveBoundarySets(context.logId);
    this.secrets = new HeldSecrets(context.masterKey);
  }

  /**
   * @throws StaleCursorError when the compare-and-set is lost; ConcurrencyError when a stream or a message was recorded
   * meanwhile; MessageUnrecordableError when one message is to be refused; whatever PostgreSQL says
   */
  async record(batch: KafkaBatch, forced: ForcedRefusals): Promise<Recorded> {
    const read = (held: Held): Keyed[] => {
      const context = { ...this.context, forced, ...held };
      return batch.messages.map((record) => readKeyed(messageOf(batch, record), context));
    };
    const before = this.held;
    let messages = before === null ? [] : read(before);
    let committing = 0;
    const recorded = await withTransaction(this.pool, async (tx) => {
      const move = { from: batch.expected, to: batch.next };
      if (!(await advanceCursor(tx, batch.cursorId, move))) throw new StaleCursorError();
      this.crashAt('after-cursor');
      const held: Held = { placeInSets: await this.boundarySets.hold(tx), secrets: await this.secrets.hold(tx) };
      if (held.secrets !== before?.secrets || held.placeInSets !== before.placeInSets) messages = read(held);
      this.held = held;
      const context: AttemptContext = { ...this.context, forced, ...held };
      const plan: Plan = { events: [], duplicates: [], resolutions: [] };
      await decideMessages(tx, messages, { context, plan });
      const prepared = await preparePlan(tx, plan, context);
      // Let go of what the leaves were made of: while PostgreSQL works, the garbage collector would copy it again and again.
      messages.length = 0;
      plan.events.length = 0;
      await insertRejections(tx, prepared.rejections);
      await insertResolutions(tx, plan.resolutions);
      await insertDuplicates(tx, plan.duplicates);
      committing = performance.now();
      const first = await this.append(tx, prepared.events);
      this.crashAt('after-insert');
      return { first, ...prepared, duplicates: plan.duplicates };
    });
    this.crashAt('after-commit');
    return { ...recorded, appendSeconds: (performance.now() - committing) / 1000 };
  }

  private async append(tx: PoolClient, events: readonly PreparedEvent[]): Promise<number | null> {
    if (events.length === 0) return null;
    const { first } = await appendEvents(tx, this.context.logId, events);
    return first;
  }
}

function messageOf(
  batch: KafkaBatch,
  { offset, timestamp, key, value, headers }: KafkaBatch['messages'][number],
): Message {
  const { cursorId, cluster, topic, partition } = batch;
  return {
    at: { cursorId, cluster, topic, partition, offset },
    raw: { key, value, headers },
    timestamp,
    causationId: null,
  };
}
