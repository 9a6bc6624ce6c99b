import {
  decideEvent,
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
import {
  type DraftedEvent,
  MessageUnrecordableError,
  type Plan,
  type PlannedEvent,
  type WrittenAlready,
} from './plan.js';

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
    if (isWritten(event)) {
      prepared.events.push(unlessUnrecordable(event, () => decideEvent(event.written, event.decided)));
      continue;
    }
    const rejection = rejectionOf(event, context);
    if (rejection !== null) prepared.rejections.push(rejection);
    prepared.events.push(prepareOne(event, context, { rejection, keys: keysOf(subjectIds[index], keys) }));
  }
  return prepared;
}

const NO_IDS: ReadonlyMap<string, string> = new Map();

/** Pointer → name of the data subject in the vault, which is the publisher's own reference under our key. */
function subjectIdsOf(event: PlannedEvent, { secrets }: IngestContext): ReadonlyMap<string, string> {
  if (isWritten(event) || event.subjects.size === 0) return NO_IDS;
  const { subjects, draft } = event;
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

function isWritten(event: PlannedEvent): event is WrittenAlready {
  return 'written' in event;
}

function prepareOne(
  event: DraftedEvent,
  context: IngestContext,
  { rejection, keys }: { rejection: RejectionRow | null; keys: SubjectKeys },
): PreparedEvent {
  let { draft }: { draft: DraftedEvent['draft'] } = event;
  if (keys.size > 0) draft = { ...draft, subjectKeys: keys };
  if (rejection !== null) draft = { ...draft, ownKey: rejection.sealed.key };
  return unlessUnrecordable(event, () => prepareEvent(draft, context));
}

function unlessUnrecordable({ message }: PlannedEvent, prepare: () => PreparedEvent): PreparedEvent {
  try {
    return prepare();
  } catch (error) {
    if (error instanceof LeafTooLargeError) throw new MessageUnrecordableError(message.at, error.code, error);
    if (error instanceof NotCanonicalError) throw new MessageUnrecordableError(message.at, 'UNPROCESSABLE', error);
    throw error;
  }
}

function rejectionOf(
  { draft, message, refused }: DraftedEvent,
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
