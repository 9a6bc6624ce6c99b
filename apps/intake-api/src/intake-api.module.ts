import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { connectKafka } from '#app/kafka';
import { crashPoints, createLogger, loadConfig } from '#app/runtime';
import { AsyncApiController } from './async-api.controller.js';
import { IntakeApiConfig, IntakeKafkaConfig } from './intake-api.config.js';
import { Intake } from './intake.js';
import { IntakeController } from './intake.controller.js';
import { MessageSender } from './message-sender.js';

/** HTTP in, Kafka out. No database. */
@Module({
  controllers: [IntakeController, AsyncApiController],
  providers: [
    { provide: IntakeApiConfig, useFactory: () => loadConfig(IntakeApiConfig) },
    {
      provide: MessageSender,
      useFactory: ({ LEDGER_CRASH_AT }: IntakeApiConfig) =>
        new MessageSender(
          connectKafka(loadConfig(IntakeKafkaConfig), 'intake-api', createLogger('intake-api')),
          crashPoints(LEDGER_CRASH_AT),
        ),
      inject: [IntakeApiConfig],
    },
    Intake,
  ],
})
export class IntakeApiModule implements OnApplicationShutdown {
  constructor(private readonly sender: MessageSender) {}

  async onApplicationShutdown(): Promise<void> {
    await this.sender.close();
  }
}
