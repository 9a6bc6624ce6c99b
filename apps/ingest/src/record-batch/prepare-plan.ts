import {
  LeafTooLargeError,
  loadSubjectKeys,
  NotCanonicalError,
  type PreparedEvent,
  prepareEvent,
  sealRejected,
  subjectIdOf,
} from '#app/log';
import type { ClientBase } from 'pg';
import type { IngestContext } from '../ingest-context.js';
import type { RejectionRow } from '../reject/insert-rejections.js';
import { MessageUnrecordableError, type Plan, type PlannedEvent } from './plan.js';

export interface PreparedPlan {
  events: PreparedEvent[];
  rejections: RejectionRow[];
}

type SubjectKeys = Awaited<ReturnType<typeof loadSubjectKeys>>;

/**
 * Seals and writes the leaves, outside the lock of the counter.
 * @throws MessageUnrecordableError for a message whose event cannot be a leaf
 */
export async function preparePlan(tx: ClientBase, plan: Plan, context: IngestContext): Promise<PreparedPlan> {
  const subjectIds = plan.events.map((event) => subjectIdsOf(event, context));
  const keys = await loadSubjectKeys(
    tx,
    context.masterKey,
    subjectIds.flatMap((ids) => [...ids.values()]),
  );
  const prepared: PreparedPlan = { events: [], rejections: [] };
  for (const [index, event] of plan.events.entries()) {
    const rejection = rejectionOf(event, context);
    if (rejection !== null) prepared.rejections.push(rejection);
    prepared.events.push(prepareOne(event, context, { rejection, keys: keysOf(subjectIds[index], keys) }));
  }
  return prepared;
}

const NO_IDS: ReadonlyMap<string, string> = new Map();

/** Pointer → name of the data subject in the vault, which is the publisher's own reference under our key. */
function subjectIdsOf({ subjects, draft }: PlannedEvent, { secrets }: IngestContext): ReadonlyMap<string, string> {
  if (subjects.size === 0) return NO_IDS;
  const source = draft.source?.ceSource ?? '';
  return new Map([...subjects].map(([pointer, ref]) => [pointer, subjectIdOf(secrets.subjectKey, source, ref)]));
}

function keysOf(ids: ReadonlyMap<string, string> = NO_IDS, keys: SubjectKeys): SubjectKeys {
  const found: SubjectKeys = new Map();
  for (const [pointer, id] of ids) {
    const key = keys.get(id);
    if (key !== undefined) found.set(pointer, key);
  }
  return found;
}

function prepareOne(
  event: PlannedEvent,
  context: IngestContext,
  { rejection, keys }: { rejection: RejectionRow | null; keys: SubjectKeys },
): PreparedEvent {
  let { draft }: { draft: PlannedEvent['draft'] } = event;
  if (keys.size > 0) draft = { ...draft, subjectKeys: keys };
  if (rejection !== null) draft = { ...draft, ownKey: rejection.sealed.key };
  try {
    return prepareEvent(draft, context);
  } catch (error) {
    if (error instanceof LeafTooLargeError) throw new MessageUnrecordableError(event.message.at, error.code, error);
    if (error instanceof NotCanonicalError)
      throw new MessageUnrecordableError(event.message.at, 'UNPROCESSABLE', error);
    throw error;
  }
}

function rejectionOf(
  { draft, message, refused }: PlannedEvent,
  { log, masterKey }: IngestContext,
): RejectionRow | null {
  if (refused === null) return null;
  const { rejection, reading } = refused;
  return {
    rejection,
    eventId: draft.id,
    at: message.at,
    subject: reading.subject,
    refusal: reading.refusal,
    timestamp: message.timestamp,
    messageBytes: message.raw.value?.length ?? 0,
    sealed: sealRejected(message.raw, { log, rejectionId: rejection }, masterKey),
  };
}
