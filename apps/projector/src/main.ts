import 'reflect-metadata';
import { assertSchema, databaseCheck, runMain, workerEndpoints } from '#app/http-edge';
import { connectKafka } from '#app/kafka';
import {
  crashPoints,
  createLogger,
  createPool,
  keepHeapSmall,
  loadConfig,
  metricsFor,
  NestLogger,
  onShutdown,
} from '#app/runtime';
import { NestFactory } from '@nestjs/core';
import { ProjectionLoop } from './projection-loop.js';
import { ProjectorMetrics } from './projector-metrics.js';
import { ProjectorConfig } from './projector.config.js';
import { ProjectorModule } from './projector.module.js';
import { SnapshotLoop } from './snapshots/snapshot-loop.js';
import { SnapshotMetrics } from './snapshots/snapshot-metrics.js';

/** The transaction, the page that is read ahead, and the health check. */
const CONNECTIONS = 4;
/** What digests, and what stops it when the process is to end. */
const SNAPSHOT_CONNECTIONS = 2;

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
    answerTimeoutMs: 65_000,
    lockTimeoutMs: 30_000,
  });
  await assertSchema(pool);
  const snapshots = {
    pool: createPool(config.DATABASE_URL, {
      role: 'ledger_projector',
      max: SNAPSHOT_CONNECTIONS,
      applicationName: 'ledger-projector-snapshots',
      statementTimeoutMs: 60_000,
      lockTimeoutMs: 30_000,
    }),
    kafka: connectKafka(config, 'ledger-projector', logger),
    metrics: new SnapshotMetrics(registry),
  };
  const metrics = new ProjectorMetrics(registry, pool);
  const app = await NestFactory.createApplicationContext(
    ProjectorModule.with({ pool, metrics, snapshots, logger, crashAt: crashPoints(config.LEDGER_CRASH_AT) }),
    {
      logger: new NestLogger(logger),
    },
  );
  const loop = app.get(ProjectionLoop);
  const digesting = app.get(SnapshotLoop);
  const endpoints = await workerEndpoints({
    config,
    logger,
    registry,
    checks: {
      database: databaseCheck(pool, { writes: true }),
      projection: async () => loop.health(),
      // Told, never failed: figures are right without it.
      snapshots: async () => digesting.told(),
    },
  });
  logger.info({ url: endpoints.url }, 'projector is listening');
  onShutdown(async () => {
    logger.info('finishing the batch at hand');
    await app.close();
    await endpoints.close();
    await Promise.all([pool.end(), snapshots.pool.end()]);
    logger.info('stopped');
  });
}

runMain(main);
