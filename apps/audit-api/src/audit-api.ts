import { createHttpApp, databaseCheck } from '#app/http-edge';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import pg from 'pg';
import type { Logger } from 'pino';
import type { AuditApiConfig } from './audit-api.config.js';
import { AuditApiModule } from './audit-api.module.js';
import { describeApi } from './openapi.js';
import { TransparencyLog } from './transparency-log/transparency-log.js';

/**
 * The audit API, ready to listen.
 *
 * @throws StartupError when other machines could call without being asked who they are
 */
export async function createAuditApi(config: AuditApiConfig, logger?: Logger): Promise<NestFastifyApplication> {
  return createHttpApp(AuditApiModule, {
    name: 'audit-api',
    title: 'Conflict Ledger: audit API',
    description:
      'The log itself: events with their verbatim leaves and proofs, the signed tree of all of them, the history of incidents, the fate of every message, replays.',
    config,
    ...(logger === undefined ? {} : { logger }),
    document: describeApi,
    checks: (nest) => ({
      // Replays write, and nothing else does: of a standby the log can be read.
      database: databaseCheck(nest.get(pg.Pool), { writes: false }),
      tiles: async () => ({ ...(await nest.get(TransparencyLog).health()) }),
    }),
  });
}
