import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseTopicSources, type TopicSources } from '#app/contract';
import { conversionPolicy1, PROJECTION_VERSION } from '#app/domain';
import { BOUNDARY_SET, boundarySetData } from '#app/geography';
import { assertSchema, StartupError } from '#app/http-edge';
import {
  type ActivatedData,
  canonicalize,
  ConcurrencyError,
  createLog,
  DEFAULT_LOG_ID,
  EventPartitions,
  loadSecrets,
  MasterKey,
  MasterKeyError,
} from '#app/log';
import { isTransient } from '#app/runtime';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { activateProjection } from './activate-projection.js';
import type { IngestConfig } from './ingest.config.js';
import type { IngestContext } from './ingest-context.js';

/** The projection of this version; a new way to compute figures gets the next number, and its activation is an event. */
const PROJECTION = {
  name: String(PROJECTION_VERSION),
  rule: `postings per merge component from the fold of domain.md, with decisions, policies and boundary sets, projection ${PROJECTION_VERSION}`,
};

const WAIT_MS = 1000;

/** Opens the log, waiting for a database that is not there yet; making the log when the database is new. */
export async function openLog(pool: Pool, config: IngestConfig, logger: Logger): ReturnType<typeof openNow> {
  for (;;) {
    try {
      return await openNow(pool, config);
    } catch (error) {
      if (error instanceof MasterKeyError) throw new StartupError(error.message, { cause: error });
      if (!isTransient(error) && !(error instanceof ConcurrencyError)) throw error;
      logger.warn({ reason: String(error) }, 'waiting for the database');
      await sleep(WAIT_MS);
    }
  }
}

async function openNow(
  pool: Pool,
  config: IngestConfig,
): Promise<{ context: IngestContext; partitions: EventPartitions }> {
  await assertSchema(pool);
  const masterKey = MasterKey.fromFile(config.LEDGER_MASTER_KEY_FILE);
  const { log } = await createLog(pool, {
    origin: config.LEDGER_LOG_ORIGIN,
    masterKey,
    boundarySet: activated(BOUNDARY_SET, boundarySetData()),
    conversionPolicy: activated(String(conversionPolicy1.version), conversionPolicy1),
    projection: activated(PROJECTION.name, PROJECTION.rule),
  });
  const partitions = new EventPartitions(pool);
  await partitions.prepareFor();
  await activateProjection(
    pool,
    { logId: DEFAULT_LOG_ID, log, masterKey },
    activated(PROJECTION.name, PROJECTION.rule),
  );
  const secrets = await loadSecrets(pool, masterKey);
  const sources = sourcesOf(config);
  return { context: { logId: DEFAULT_LOG_ID, log, masterKey, secrets, sources }, partitions };
}

function sourcesOf(config: IngestConfig): TopicSources {
  try {
    return parseTopicSources(config.LEDGER_TOPIC_SOURCES);
  } catch (error) {
    throw new StartupError((error as Error).message, { cause: error });
  }
}

/** The digest by which anybody can check that they hold the very data that was activated: SHA-256(JCS(data)), hex. */
function activated(name: string, data: unknown): ActivatedData {
  return { name, sha256: createHash('sha256').update(canonicalize(data)).digest('hex') };
}
