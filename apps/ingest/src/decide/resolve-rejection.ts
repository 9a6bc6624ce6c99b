import { openRejected, splitReason } from '#app/log';
import type { ClientBase } from 'pg';
import type { AttemptContext, IngestContext } from '../ingest-context.js';
import type { Message } from '../read-message/message.js';
import { type KeyedDecision, readKeyed } from '../record-batch/keyed.js';
import { type CarriedOut, DecisionRefused, refuseStale } from './carried-out.js';
import { envelopeOf } from './draft-incident-event.js';

/** A stored rejection, as far as decisions ask about it. */
export interface StoredRejection {
  rejection: string;
  eventId: string;
  cursorId: number;
  offset: number;
  cluster: string;
  topic: string;
  partition: number;
  timestamp: Date | null;
  resolved: boolean;
  /** False: its bytes were erased. */
  openable: boolean;
  version: number;
}

const READ_REJECTION = `
  SELECT r.rejection_id AS rejection, r.event_id AS "eventId", r.cursor_id AS "cursorId", r.source_offset AS "offset",
         c.cluster, c.topic, c.partition, r.source_timestamp AS "timestamp",
         d.rejection_id IS NOT NULL AS resolved, k.key_id IS NOT NULL AS openable,
         (SELECT max(s.stream_version) FROM ledger.event_stream s
           WHERE s.log_id = $2 AND s.stream_id = r.rejection_id) AS version
    FROM ledger.rejection r
    JOIN ledger.kafka_cursor c USING (cursor_id)
    LEFT JOIN ledger.rejection_resolution d USING (rejection_id)
    LEFT JOIN vault.key k ON k.key_id = r.key_id
   WHERE r.rejection_id = $1`;

/** @throws DecisionRefused when there is no such rejection, or its stream is not where the steward saw it */
export async function findRejection(
  tx: ClientBase,
  { reading }: KeyedDecision,
  { logId }: IngestContext,
): Promise<StoredRejection> {
  const { rejection } = reading.data;
  const { rows } = await tx.query<StoredRejection>(READ_REJECTION, [rejection, logId]);
  const [found] = rows;
  if (found === undefined) throw new DecisionRefused('DECISION_TARGET_UNKNOWN', '/rejection', 'no such rejection');
  refuseStale(reading.data, found.version);
  return found;
}

/** The stored message is processed again as if just read; its event keeps the original coordinates. */
export async function requeue(tx: ClientBase, one: KeyedDecision, context: AttemptContext): Promise<CarriedOut> {
  const stored = await findUnresolved(tx, one, context);
  const carriedOut = resolutionOf(one, stored, 'REQUEUED');
  const { log, masterKey } = context;
  const raw = await openRejected(tx, masterKey, { log, rejectionId: stored.rejection });
  if (raw === null) throw new DecisionRefused('DECISION_ALREADY_TAKEN', '/rejection', 'its bytes were erased');
  const { cursorId, cluster, topic, partition, offset } = stored;
  const message: Message = {
    at: { cursorId, cluster, topic, partition, offset },
    raw,
    timestamp: stored.timestamp?.getTime() ?? null,
    causationId: carriedOut.events[0]?.draft.id ?? null,
  };
  return { ...carriedOut, again: readKeyed(message, context) };
}

/** The message stays unrecorded for good; its bytes stay until they are erased. */
export async function discard(tx: ClientBase, one: KeyedDecision, context: IngestContext): Promise<CarriedOut> {
  return resolutionOf(one, await findUnresolved(tx, one, context), 'DISCARDED');
}

async function findUnresolved(tx: ClientBase, one: KeyedDecision, context: IngestContext): Promise<StoredRejection> {
  const stored = await findRejection(tx, one, context);
  if (stored.resolved) throw new DecisionRefused('DECISION_ALREADY_TAKEN', '/rejection', 'it is resolved already');
  if (!stored.openable) throw new DecisionRefused('DECISION_ALREADY_TAKEN', '/rejection', 'its bytes were erased');
  return stored;
}

function resolutionOf(
  { reading, delivery }: KeyedDecision,
  { rejection, version }: StoredRejection,
  resolution: 'REQUEUED' | 'DISCARDED',
): CarriedOut {
  const { committed } = splitReason(reading.data);
  const draft = {
    ...envelopeOf(reading),
    type: resolution === 'REQUEUED' ? ('RejectionRequeued' as const) : ('RejectionDiscarded' as const),
    data: { rejection },
    stream: rejection,
    streamVersion: version + 1,
    actor: `steward:${reading.data.by}`,
    committed,
    delivery,
  };
  return {
    events: [{ draft, message: reading.message, subjects: new Map(), refused: null }],
    resolution: { rejection, resolution, eventId: draft.id },
    again: null,
  };
}
