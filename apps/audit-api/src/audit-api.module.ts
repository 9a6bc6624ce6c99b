import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';
import { connectKafka } from '#app/kafka';
import { crashPoints, createLogger, createPool, loadConfig } from '#app/runtime';
import { AuditApiConfig, AuditKafkaConfig } from './audit-api.config.js';
import { AuditLog } from './audit-log.js';
import { type AuditCrashAt, CRASH_AT } from './crash-points.js';
import { DeliveriesController } from './deliveries/deliveries.controller.js';
import { EventFollowers } from './events/event-followers.js';
import { EventsController } from './events/events.controller.js';
import { IncidentHistoryController } from './incident-history/incident-history.controller.js';
import { DecisionSender } from './rejections/decision-sender.js';
import { RejectionsController } from './rejections/rejections.controller.js';
import { ReplayRunner } from './replays/replay-runner.js';
import { ReplaysController } from './replays/replays.controller.js';
import { LogController } from './transparency-log/log.controller.js';
import { ProofsController } from './transparency-log/proofs.controller.js';
import { TransparencyLog } from './transparency-log/transparency-log.js';

const CONNECTIONS = 8;
const STATEMENT_TIMEOUT_MS = 30_000;
const LOCK_TIMEOUT_MS = 10_000;

/** The log and its tiles in, HTTP out; stewards' actions go to Kafka, replays into schema scratch. */
@Module({
  controllers: [
    EventsController,
    ProofsController,
    LogController,
    IncidentHistoryController,
    DeliveriesController,
    RejectionsController,
    ReplaysController,
  ],
  providers: [
    { provide: AuditApiConfig, useFactory: () => loadConfig(AuditApiConfig) },
    {
      provide: pg.Pool,
      inject: [AuditApiConfig],
      useFactory: ({ DATABASE_URL }: AuditApiConfig) =>
        createPool(DATABASE_URL, {
          role: 'ledger_audit',
          max: CONNECTIONS,
          applicationName: 'audit-api',
          statementTimeoutMs: STATEMENT_TIMEOUT_MS,
          lockTimeoutMs: LOCK_TIMEOUT_MS,
        }),
    },
    {
      provide: CRASH_AT,
      inject: [AuditApiConfig],
      useFactory: ({ LEDGER_CRASH_AT }: AuditApiConfig) => crashPoints(LEDGER_CRASH_AT),
    },
    {
      provide: DecisionSender,
      inject: [CRASH_AT],
      useFactory: (crashAt: AuditCrashAt) =>
        new DecisionSender(connectKafka(loadConfig(AuditKafkaConfig), 'audit-api', createLogger('audit-api')), crashAt),
    },
    AuditLog,
    TransparencyLog,
    EventFollowers,
    ReplayRunner,
  ],
})
export class AuditApiModule implements OnApplicationShutdown {
  constructor(
    @Inject(pg.Pool) private readonly pool: pg.Pool,
    private readonly decisions: DecisionSender,
    private readonly replays: ReplayRunner,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.replays.stop();
    await this.decisions.close();
    await this.pool.end();
  }
}
