import { type DynamicModule, Module } from '@nestjs/common';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { ProjectionLoop } from './projection-loop.js';
import type { ProjectorMetrics } from './projector-metrics.js';

export interface ProjectorParts {
  pool: Pool;
  metrics: ProjectorMetrics;
  logger: Logger;
}

/** Log in, figures out. What the process touches is made in main.ts and handed in here. */
@Module({})
export class ProjectorModule {
  static with({ pool, metrics, logger }: ProjectorParts): DynamicModule {
    return {
      module: ProjectorModule,
      providers: [{ provide: ProjectionLoop, useValue: new ProjectionLoop(pool, metrics, logger) }],
    };
  }
}
