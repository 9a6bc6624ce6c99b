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
import { RelayLoop } from './relay-loop.js';
import { RelayMetrics } from './relay-metrics.js';
import { RelayConfig } from './relay.config.js';
import { RelayModule } from './relay.module.js';

/** The lead's lock, the reading, and the health check. */
const CONNECTIONS = 4;

async function main(): Promise<void> {
  keepHeapSmall();
  const config = loadConfig(RelayConfig);
  const logger = createLogger('relay');
  const registry = metricsFor('relay');
  const pool = createPool(config.DATABASE_URL, {
    role: 'ledger_relay',
    max: CONNECTIONS,
    applicationName: 'ledger-relay',
    statementTimeoutMs: 30_000,
    answerTimeoutMs: 35_000,
    lockTimeoutMs: 10_000,
  });
  await assertSchema(pool);
  const kafka = connectKafka(config, 'ledger-relay', logger);
  const metrics = new RelayMetrics(registry, pool);
  const app = await NestFactory.createApplicationContext(
    RelayModule.with({ pool, kafka, metrics, logger, crashAt: crashPoints(config.LEDGER_CRASH_AT) }),
    {
      logger: new NestLogger(logger),
    },
  );
  const loop = app.get(RelayLoop);
  const endpoints = await workerEndpoints({
    config,
    logger,
    registry,
    checks: {
      database: databaseCheck(pool, { writes: true }),
      relay: async () => loop.health(),
    },
  });
  logger.info({ url: endpoints.url }, 'relay is listening');
  onShutdown(async () => {
    logger.info('finishing the page at hand');
    await app.close();
    await endpoints.close();
    await pool.end();
    logger.info('stopped');
  });
}

runMain(main);
