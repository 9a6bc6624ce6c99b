import { EventPartitions } from '#app/log';
import { type DynamicModule, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { ConsumeController } from './consume/consume.controller.js';
import type { IngestCrashAt } from './crash-points.js';
import type { IngestContext } from './ingest-context.js';
import { IngestMetrics } from './ingest-metrics.js';
import { BatchRecorder } from './record-batch/batch-recorder.js';
import { RecordBatchHandler } from './record-batch/record-batch.handler.js';
import { RecordLog } from './record-log.js';

export interface IngestParts {
  pool: Pool;
  context: IngestContext;
  metrics: IngestMetrics;
  partitions: EventPartitions;
  logger: Logger;
  crashAt: IngestCrashAt;
}

/** Kafka in, log out. What the process touches is made in main.ts and handed in here. */
@Module({})
export class IngestModule {
  static with({ pool, context, metrics, partitions, logger, crashAt }: IngestParts): DynamicModule {
    return {
      module: IngestModule,
      imports: [CqrsModule.forRoot()],
      controllers: [ConsumeController],
      providers: [
        { provide: BatchRecorder, useValue: new BatchRecorder(pool, context, crashAt) },
        { provide: EventPartitions, useValue: partitions },
        { provide: IngestMetrics, useValue: metrics },
        { provide: RecordLog, useValue: new RecordLog(logger) },
        RecordBatchHandler,
      ],
    };
  }
}
