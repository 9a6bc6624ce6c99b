import 'reflect-metadata';
import { assertSchema, databaseCheck, runMain, workerEndpoints } from '#app/http-edge';
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
import { readKeysAndPolicy } from './keys-and-policy.js';
import { NotaryLoop } from './notary-loop.js';
import { NotaryMetrics } from './notary-metrics.js';
import { NotaryConfig } from './notary.config.js';
import { NotaryModule } from './notary.module.js';
import { folderStore } from './tile-store.js';

/** The lead's lock, the reading, what is signed, and the health check. */
const CONNECTIONS = 4;

async function main(): Promise<void> {
  keepHeapSmall();
  const config = loadConfig(NotaryConfig);
  const logger = createLogger('notary');
  const registry = metricsFor('notary');
  const { signer, policy, witnesses } = readKeysAndPolicy(config, logger);
  const pool = createPool(config.DATABASE_URL, {
    role: 'ledger_notary',
    max: CONNECTIONS,
    applicationName: 'ledger-notary',
    statementTimeoutMs: 30_000,
    answerTimeoutMs: 35_000,
    lockTimeoutMs: 10_000,
  });
  await assertSchema(pool);
  const metrics = new NotaryMetrics(registry, pool);
  metrics.watch(registry, () => witnesses.states());
  const parts = {
    pool,
    store: folderStore(config.LEDGER_TILES_DIR),
    signer,
    policy,
    witnesses,
    metrics,
    logger,
    intervalMs: config.LEDGER_CHECKPOINT_INTERVAL_MS,
    crashAt: crashPoints(config.LEDGER_CRASH_AT),
  };
  const app = await NestFactory.createApplicationContext(NotaryModule.with(parts), { logger: new NestLogger(logger) });
  const loop = app.get(NotaryLoop);
  const endpoints = await workerEndpoints({
    config,
    logger,
    registry,
    checks: {
      database: databaseCheck(pool, { writes: true }),
      notary: async () => loop.health(),
    },
  });
  logger.info({ url: endpoints.url, vkeys: signer.vkeys.trim().split('\n') }, 'notary is listening');
  onShutdown(async () => {
    logger.info('finishing the checkpoint at hand');
    await app.close();
    await endpoints.close();
    await pool.end();
    logger.info('stopped');
  });
}

runMain(main);
