import type { Kafka } from '#app/kafka';
import { type DynamicModule, Module } from '@nestjs/common';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { RelayCrashAt } from './crash-points.js';
import { RelayLoop } from './relay-loop.js';
import type { RelayMetrics } from './relay-metrics.js';

export interface RelayParts {
  pool: Pool;
  kafka: Kafka;
  metrics: RelayMetrics;
  logger: Logger;
  crashAt: RelayCrashAt;
}

/** Log in, Kafka out. What the process touches is made in main.ts and handed in here. */
@Module({})
export class RelayModule {
  static with({ pool, kafka, ...parts }: RelayParts): DynamicModule {
    return {
      module: RelayModule,
      providers: [{ provide: RelayLoop, useValue: new RelayLoop(pool, kafka, parts) }],
    };
  }
}
