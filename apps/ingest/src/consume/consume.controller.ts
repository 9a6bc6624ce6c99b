import { Controller } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { BatchOutcome, KafkaBatch } from '#app/kafka';
import { RecordBatch } from '../record-batch/record-batch.command.js';

/** The two ways in; a publisher's own topic is as that of all (main.ts). Each handler gets a whole batch with its raw bytes. */
@Controller()
export class ConsumeController {
  constructor(private readonly commands: CommandBus) {}

  @EventPattern('conflict.reports.v1')
  consumeReports(@Payload() batch: KafkaBatch): Promise<BatchOutcome> {
    return this.commands.execute(new RecordBatch(batch));
  }

  @EventPattern('conflict.decisions.v1')
  consumeDecisions(@Payload() batch: KafkaBatch): Promise<BatchOutcome> {
    return this.commands.execute(new RecordBatch(batch));
  }
}
