import { createHttpApp, StartupError } from '#app/http-edge';
import { MasterKey, MasterKeyError } from '#app/log';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { AppModule } from './app.module.js';
import { ReadDatabase } from './database/read-database.js';
import type { QueryApiConfig } from './query-api.config.js';

/**
 * The query API, ready to listen.
 *
 * @throws StartupError when the master key cannot be read, or other machines could call without being asked who they are
 */
export async function createQueryApi(config: QueryApiConfig, logger?: Logger): Promise<NestFastifyApplication> {
  return createHttpApp(AppModule.with(config, readMasterKey(config)), {
    name: 'query-api',
    title: 'Conflict Ledger: query API',
    description:
      'Figures of recorded incidents, as of any position of the log. Every answer carries the state it was read at (`asOf`) and is fixed by it.',
    config,
    silenceMs: config.QUERY_TIMEOUT_MS + 60_000,
    ...(logger === undefined ? {} : { logger }),
    checks: (app) => ({ database: () => app.get(ReadDatabase).ping() }),
  });
}

function readMasterKey({ LEDGER_MASTER_KEY_FILE }: QueryApiConfig): MasterKey {
  try {
    return MasterKey.fromFile(LEDGER_MASTER_KEY_FILE);
  } catch (error) {
    if (error instanceof MasterKeyError) throw new StartupError(error.message, { cause: error });
    throw error;
  }
}
