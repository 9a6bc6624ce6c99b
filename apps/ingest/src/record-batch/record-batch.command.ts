import { Command } from '@nestjs/cqrs';
import type { BatchOutcome, KafkaBatch } from '#app/kafka';

/** Records consecutive messages of one partition in one transaction, each of them exactly once. */
export class RecordBatch extends Command<BatchOutcome> {
  constructor(readonly batch: KafkaBatch) {
    super();
  }
}
