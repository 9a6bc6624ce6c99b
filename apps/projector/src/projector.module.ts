import type { Kafka } from '#app/kafka';
import { type DynamicModule, Module } from '@nestjs/common';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { ProjectorCrashAt } from './crash-points.js';
import { ProjectionLoop } from './projection-loop.js';
import type { ProjectorMetrics } from './projector-metrics.js';
import { SnapshotLoop } from './snapshots/snapshot-loop.js';
import type { SnapshotMetrics } from './snapshots/snapshot-metrics.js';

export interface ProjectorParts {
  pool: Pool;
  metrics: ProjectorMetrics;
  /** What records the figures of snapshots, with connections of its own. */
  snapshots: { pool: Pool; kafka: Kafka; metrics: SnapshotMetrics };
  logger: Logger;
  crashAt: ProjectorCrashAt;
}

/** Log in, figures out. What the process touches is made in main.ts and handed in here. */
@Module({})
export class ProjectorModule {
  static with({ pool, metrics, snapshots, ...parts }: ProjectorParts): DynamicModule {
    return {
      module: ProjectorModule,
      providers: [
        { provide: ProjectionLoop, useValue: new ProjectionLoop(pool, { metrics, ...parts }) },
        {
          provide: SnapshotLoop,
          useValue: new SnapshotLoop(snapshots.pool, snapshots.kafka, { metrics: snapshots.metrics, ...parts }),
        },
      ],
    };
  }
}
