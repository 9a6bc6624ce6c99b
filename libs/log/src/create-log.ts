import { INCIDENT_NAMESPACE } from '#app/domain';
import { withTransaction } from '#app/runtime';
import type { Pool, PoolClient } from 'pg';
import { appendEvents, DEFAULT_LOG_ID } from './append-events.js';
import type { ActivatedData, EventDataByType } from './envelope.js';
import { uuidV7 } from './identifiers.js';
import type { MasterKey } from './master-key.js';
import { type EventDraft, prepareEvent } from './prepare-event.js';
import { findHead, type Head, readHead } from './read-events.js';

export interface CreateLogOptions {
  /** The scheme-less URL prefix under which the log will be published (LEDGER_LOG_ORIGIN). */
  origin: string;
  masterKey: MasterKey;
  /** What the first figures depend on: recorded at positions 1–3. */
  boundarySet: ActivatedData;
  conversionPolicy: ActivatedData;
  projection: ActivatedData;
  logId?: number;
  /** Positions per partition of ledger.event; the database's default when absent. */
  partitionSize?: number;
}

/** Named in LogCreated, so that whoever holds a leaf knows how it was made. */
export const ALGORITHMS = {
  commitment: 'SHA-256(salt16 || JCS([pointer, value]))',
  identity: 'UUIDv5(namespace, JCS([source, ref]))',
  leaf: 'RFC 8785',
  sealing: 'AES-256-GCM',
  tree: 'RFC 6962 SHA-256',
} as const;

/** Of processes that start at once one creates the log. */
const LOCK = "hashtext('ledger.create_log')";

/**
 * Makes the log if the database has none: its head, LogCreated at position 0, and the activations at 1–3.
 *
 * @returns the head, of the new log or of the one that was there
 */
export async function createLog(pool: Pool, options: CreateLogOptions): Promise<Head> {
  const { logId = DEFAULT_LOG_ID } = options;
  const existing = await findHead(pool, logId);
  if (existing !== null) return existing;
  return withTransaction(pool, async (tx) => {
    await tx.query(`SELECT pg_advisory_xact_lock(${LOCK})`);
    if ((await findHead(tx, logId)) === null) await writeLog(tx, logId, options);
    return readHead(tx, logId);
  });
}

async function writeLog(tx: PoolClient, logId: number, options: CreateLogOptions): Promise<void> {
  const log = uuidV7();
  await tx.query(
    `INSERT INTO ledger.head (log_id, log, next_position, recorded_at, partition_size)
     VALUES ($1, $2, 0, date_trunc('milliseconds', ledger.clock()), coalesce($3::bigint, 1000000))`,
    [logId, log, options.partitionSize ?? null],
  );
  await tx.query('SELECT ledger.ensure_event_partition(0)');
  const drafts = [
    ['LogCreated', { log, origin: options.origin, incidentNamespace: INCIDENT_NAMESPACE, algorithms: ALGORITHMS }],
    ['BoundarySetActivated', options.boundarySet],
    ['ConversionPolicyActivated', options.conversionPolicy],
    ['ProjectionActivated', options.projection],
  ] as const;
  const prepared = drafts.map(([type, data], index) =>
    prepareEvent(systemDraft(type, data, { stream: log, streamVersion: index + 1 }), {
      log,
      masterKey: options.masterKey,
    }),
  );
  await appendEvents(tx, logId, prepared);
}

/** An event that the system itself records, in the stream of the log (whose id is the log's own). */
export function systemDraft<T extends keyof EventDataByType>(
  type: T,
  data: EventDataByType[T],
  place: { stream: string; streamVersion: number },
): EventDraft<T> {
  return { type, data, ...place, actor: 'ledger', source: null };
}
