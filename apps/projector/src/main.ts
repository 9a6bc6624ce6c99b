import 'reflect-metadata';
import { runMain, workerEndpoints } from '#app/http-edge';
import { createLogger, createPool, keepHeapSmall, loadConfig, metricsFor, NestLogger, onShutdown } from '#app/runtime';
import { NestFactory } from '@nestjs/core';
import { ProjectionLoop } from './projection-loop.js';
import { ProjectorMetrics } from './projector-metrics.js';
import { ProjectorConfig } from './projector.config.js';
import { ProjectorModule } from './projector.module.js';

/** The transaction, the page that is read ahead, and the health check. */
const CONNECTIONS = 4;

async function main(): Promise<void> {
  keepHeapSmall();
  const config = loadConfig(ProjectorConfig);
  const logger = createLogger('projector');
  const registry = metricsFor('projector');
  const pool = createPool(config.DATABASE_URL, {
    role: 'ledger_projector',
    max: CONNECTIONS,
    applicationName: 'ledger-projector',
    statementTimeoutMs: 60_000,
    lockTimeoutMs: 30_000,
  });
  const metrics = new ProjectorMetrics(registry, pool);
  const app = await NestFactory.createApplicationContext(ProjectorModule.with({ pool, metrics, logger }), {
    logger: new NestLogger(logger),
  });
  const loop = app.get(ProjectionLoop);
  const endpoints = await workerEndpoints({
    config,
    logger,
    registry,
    checks: {
      database: async () => {
        await pool.query('SELECT 1');
      },
      projection: async () => loop.assertRunning(),
    },
  });
  logger.info({ url: endpoints.url }, 'projector is listening');
  onShutdown(async () => {
    logger.info('finishing the batch at hand');
    await app.close();
    await endpoints.close();
    await pool.end();
    logger.info('stopped');
  });
}

runMain(main);
