import { createHttpApp, databaseCheck, StartupError } from '#app/http-edge';
import { checkMasterKey, MasterKey, MasterKeyError } from '#app/log';
import { faultOf } from '#app/runtime';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { AppModule } from './app.module.js';
import { clientOf, ReadDatabase } from './database/read-database.js';
import type { QueryApiConfig } from './query-api.config.js';

const FIGURES = `SELECT position::float8 AS position FROM read_model.generation WHERE status = 'LIVE'`;

/**
 * The query API, ready to listen.
 *
 * @throws StartupError when the master key cannot be read, or other machines could call without being asked who they are
 */
export async function createQueryApi(config: QueryApiConfig, logger?: Logger): Promise<NestFastifyApplication> {
  const masterKey = readMasterKey(config);
  return createHttpApp(AppModule.with(config, masterKey), {
    name: 'query-api',
    title: 'Conflict Ledger: query API',
    description:
      'Figures of recorded incidents, as of any position of the log. Every answer carries the state it was read at (`asOf`) and is fixed by it.',
    config,
    silenceMs: config.QUERY_TIMEOUT_MS + 60_000,
    ...(logger === undefined ? {} : { logger }),
    checks: (app) => {
      const database = app.get(ReadDatabase);
      return {
        database: databaseCheck(database, { writes: false }),
        // Told, never failed: figures need no key. Committed values cannot be opened meanwhile.
        vault: async () =>
          await database
            .read(async (tx) => checkMasterKey(await clientOf(tx), masterKey))
            .then(
              () => ({}),
              (error: unknown) => ({ ...faultOf(error) }),
            ),
        figures: async () => ({ ...((await database.query(FIGURES)).rows[0] as { position: number } | undefined) }),
      };
    },
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
