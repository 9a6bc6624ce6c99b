import 'reflect-metadata';
import { ownReportsTopics, TOPICS } from '#app/contract';
import { databaseCheck, failure, runMain, workerEndpoints } from '#app/http-edge';
import { connectKafka, KafkaBatchStrategy, type PartitionCursors } from '#app/kafka';
import { loadCursors, setLineage } from '#app/log';
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
import type { MicroserviceOptions } from '@nestjs/microservices';
import type { Pool } from 'pg';
import type { IngestCrashAt } from './crash-points.js';
import { recordGap } from './delivery-gap/record-gap.js';
import type { IngestContext } from './ingest-context.js';
import { IngestMetrics } from './ingest-metrics.js';
import { IngestConfig } from './ingest.config.js';
import { IngestModule } from './ingest.module.js';
import { RejectionNotices } from './notify-rejections/rejection-notices.js';
import { openLog } from './open-log.js';
import { BoundaryPlacer } from './place/boundary-placer.js';

/** Transactions of the partitions that are read side by side, the notices, the placing, the health check. */
const CONNECTIONS = 8;

async function main(): Promise<void> {
  keepHeapSmall();
  const config = loadConfig(IngestConfig);
  const logger = createLogger('ingest');
  const registry = metricsFor('ingest');
  const metrics = new IngestMetrics(registry);
  const pool = createPool(config.DATABASE_URL, {
    role: 'ledger_ingest',
    max: CONNECTIONS,
    applicationName: 'ledger-ingest',
    statementTimeoutMs: 20_000,
    answerTimeoutMs: 25_000,
    lockTimeoutMs: 10_000,
  });
  const { context, partitions } = await openLog(pool, config, logger);
  const ownTopics = ownReportsTopics(context.sources);
  metrics.reads([TOPICS.REPORTS, TOPICS.DECISIONS, ...ownTopics]);
  const kafka = connectKafka(config, 'ledger-ingest', logger);
  const crashAt: IngestCrashAt = crashPoints(config.LEDGER_CRASH_AT);
  const strategy = new KafkaBatchStrategy({
    kafka,
    group: config.LEDGER_CONSUMER_GROUP,
    cursors: cursorsIn(pool, context, metrics),
    alsoRead: new Map(ownTopics.map((topic) => [topic, TOPICS.REPORTS])),
    registry,
    logger,
    beforeOffsetCommit: () => crashAt('before-kafka-commit'),
  });
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(
    IngestModule.with({ pool, context, metrics, partitions, logger, crashAt }),
    { strategy, logger: new NestLogger(logger) },
  );
  const notices = new RejectionNotices(pool, { kafka, logger, logId: context.logId, crashAt });
  const placer = new BoundaryPlacer(pool, context, logger);
  const endpoints = await workerEndpoints({
    config,
    logger,
    registry,
    checks: {
      database: databaseCheck(pool, { writes: true }),
      kafka: async () => {
        const { state, fault } = strategy.health();
        if (fault !== null) throw failure({ state, ...fault });
        if (state !== 'JOINED' && state !== 'RETRYING') {
          throw failure({
            state,
            code: `CONSUMER_${state}`,
            reason: 'the consumer is not in its group: nothing is read',
          });
        }
        return { state, partitions: strategy.partitions() };
      },
      // Told, never failed: publishers wait for notices, nothing else does.
      notices: async () => ({ ...notices.fault() }),
    },
  });
  await app.listen();
  notices.start();
  placer.start();
  logger.info({ url: endpoints.url, log: context.log }, 'ingest is listening');
  onShutdown(async () => {
    logger.info('finishing the batch at hand');
    await app.close();
    await notices.stop();
    await placer.stop();
    await endpoints.close();
    await pool.end();
    logger.info('stopped');
  });
}

function cursorsIn(pool: Pool, context: IngestContext, metrics: IngestMetrics): PartitionCursors {
  return {
    async read(key) {
      const [cursor] = await loadCursors(pool, [key]);
      if (cursor === undefined) throw new Error(`no cursor for ${key.topic}/${key.partition}`);
      return { cursorId: cursor.cursorId, next: cursor.nextOffset, lineage: cursor.lineage };
    },
    setLineage: (cursorId, was, is) => setLineage(pool, cursorId, { was, is }),
    async recordGap(gap) {
      const outcome = await recordGap(pool, gap, context);
      if (outcome.kind === 'recorded') metrics.gap(gap.topic, gap.reason);
      return outcome;
    },
  };
}

runMain(main);
