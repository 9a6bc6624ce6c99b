import { TOPICS } from '#app/contract';
import { type BatchOutcome, type KafkaBatch } from '#app/kafka';
import { ConcurrencyError, EventPartitions } from '#app/log';
import { isTransient } from '#app/runtime';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { ForcedRefusals } from '../ingest-context.js';
import { IngestMetrics } from '../ingest-metrics.js';
import { RecordLog } from '../record-log.js';
import { BatchRecorder, StaleCursorError } from './batch-recorder.js';
import { halves, singles } from './divide-batch.js';
import { coordinatesKey, MessageUnrecordableError } from './plan.js';
import { RecordBatch } from './record-batch.command.js';

const RACES_LOST_MAX = 10;
const NONE: ForcedRefusals = new Map();

/**
 * Sorts out what a failed transaction means: a fault that passes is tried again and never dead-lettered, a message that
 * cannot be recorded is refused, and a failure without a known reason is narrowed down to the message that causes it.
 */
@CommandHandler(RecordBatch)
export class RecordBatchHandler implements ICommandHandler<RecordBatch> {
  constructor(
    private readonly recorder: BatchRecorder,
    private readonly partitions: EventPartitions,
    private readonly metrics: IngestMetrics,
    private readonly log: RecordLog,
  ) {}

  async execute({ batch }: RecordBatch): Promise<BatchOutcome> {
    // A decision reads and erases what is recorded, so each has a transaction of its own.
    const parts = batch.topic === TOPICS.DECISIONS ? singles(batch) : [batch];
    for (const part of parts) {
      const outcome = await this.recordPart(part, NONE);
      if (outcome.kind !== 'recorded') return outcome;
    }
    return { kind: 'recorded' };
  }

  private async recordPart(batch: KafkaBatch, forced: ForcedRefusals): Promise<BatchOutcome> {
    try {
      await this.recordThroughRaces(batch, forced);
      return { kind: 'recorded' };
    } catch (error) {
      if (error instanceof StaleCursorError) return { kind: 'stale' };
      if (error instanceof ConcurrencyError || isTransient(error)) return retryAfter(error);
      if (error instanceof MessageUnrecordableError && !forced.has(coordinatesKey(error.at))) {
        const refusal = { code: error.code, bare: false };
        return this.recordPart(batch, new Map([...forced, [coordinatesKey(error.at), refusal]]));
      }
      return this.narrowDown(batch, forced, error);
    }
  }

  /** Two partitions may bring reports of one incident at once; whoever comes second decides again on the new state. */
  private async recordThroughRaces(batch: KafkaBatch, forced: ForcedRefusals): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        const recorded = await this.recorder.record(batch, forced);
        this.metrics.recorded(batch, recorded);
        this.log.recorded(batch, recorded);
        if (recorded.first !== null) await this.prepareRoom(recorded.first + recorded.events.length - 1);
        return;
      } catch (error) {
        if (!(error instanceof ConcurrencyError) || attempt === RACES_LOST_MAX) throw error;
        this.metrics.raceLost();
      }
    }
  }

  /** Positions ahead need their partition before they are taken. What fails here is tried again after the next batch. */
  private prepareRoom(lastPosition: number): Promise<void> {
    return this.partitions.prepareFor(lastPosition).catch((error: unknown) => this.log.noRoom(error));
  }

  private async narrowDown(batch: KafkaBatch, forced: ForcedRefusals, error: unknown): Promise<BatchOutcome> {
    const [only] = batch.messages;
    if (batch.messages.length > 1) {
      this.log.bisecting(batch, error);
      for (const half of halves(batch)) {
        const outcome = await this.recordPart(half, forced);
        if (outcome.kind !== 'recorded') return outcome;
      }
      return { kind: 'recorded' };
    }
    const key = only === undefined ? '' : coordinatesKey({ ...batch, offset: only.offset });
    const before = forced.get(key);
    // Not even its bytes can be kept: then nothing is lost, and the partition waits for somebody to look.
    if (only === undefined || before?.bare === true) return retryAfter(error);
    this.log.unprocessable(batch, error);
    // First refused as what it is; if that fails too, without anything that it says of itself.
    const refusal = { code: before?.code ?? 'UNPROCESSABLE', bare: before !== undefined } as const;
    return this.recordPart(batch, new Map([...forced, [key, refusal]]));
  }
}

function retryAfter(error: unknown): BatchOutcome {
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { kind: 'retry', reason, cause: error };
}
