import type { EventType } from '#app/domain';
import { canonicalize } from './canonical-json.js';
import { ENVELOPE_VERSION, type EventDataByType, type EventSource, type Leaf } from './envelope.js';
import { LeafTooLargeError, MAX_LEAF_BYTES, NotCanonicalError } from './errors.js';
import { uuidV7 } from './identifiers.js';
import type { MasterKey } from './master-key.js';
import { sealDraft } from './seal-draft.js';
import type { VaultKey } from './sealing.js';
import type { Committed } from './splitting.js';

/** An event before it has a position. */
export interface EventDraft<T extends keyof EventDataByType = keyof EventDataByType> {
  type: T;
  data: EventDataByType[T];
  /** The aggregate, and this event's number in it, from 1. */
  stream: string;
  streamVersion: number;
  /** Further streams that the same event touches. */
  also?: Leaf['also'];
  actor: string;
  causationId?: string | null;
  /** The event's own id when absent. */
  correlationId?: string;
  occurred?: Leaf['occurred'];
  /** The message that it comes from, with its raw value; null for what the system itself records. */
  source: (Omit<EventSource, 'payloadCommitment'> & { value: Buffer | null }) | null;
  /** Id given by the caller (version 7); made here when absent. */
  id?: string;
  committed?: Committed;
  /** Pointers of `committed` that have the key of a data subject; all others share the event's own key. */
  subjectKeys?: ReadonlyMap<string, VaultKey>;
  /** Takes the place of the event's own key: the rejection's, so that erasing it erases both. Not inserted again. */
  ownKey?: VaultKey;
  /** Typed extracts beside the leaf. */
  cursorId?: number | null;
  reportId?: string | null;
  revision?: number | null;
  /** Registers the message for deduplication; absent for a rejected one. */
  delivery?: { identity: string; digest: string };
  /** `reportNameOf` of a report that no event named before: from now on it stays in this event's stream. */
  newReport?: string | null;
}

/** Which log an event is for, and what wraps its key. */
export interface PrepareContext {
  /** Id of the log, as LogCreated names it. */
  log: string;
  masterKey: MasterKey;
}

/** Everything of an event that can be made outside the lock of the counter. */
export interface PreparedEvent {
  eventId: string;
  type: EventType;
  stream: string;
  streamVersion: number;
  also: readonly { stream: string; streamVersion: number }[];
  /** The leaf up to and including `"position":`. */
  prefix: string;
  /** The leaf from `,"sd":`. */
  suffix: string;
  ceSource: string | null;
  ceId: string | null;
  cursorId: number | null;
  sourceOffset: number | null;
  reportId: string | null;
  revision: number | null;
  delivery: { identity: string; digest: string } | null;
  newReport: string | null;
  log: string;
  /** The event's own key, base64 of its wrapped form; null when nothing is sealed with a new key. */
  wrappedKey: string | null;
  /** Rows for ledger.sealed: `boxes` is JSON text (boxes.ts). */
  sealed: readonly { keyId: string; boxes: string }[];
}

/** `,"recordedAt":"2026-11-23T17:43:33.000Z"` and a position of 16 digits. */
const SPLICED_BYTES = 56;
/** PostgreSQL stores no U+0000, and U+001E would divide a joined parameter; CloudEvents forbids all of them. */
const CONTROL_CHARACTER = /\p{Cc}/u;

/**
 * Commits, seals and writes an event as far as possible without its position.
 *
 * @throws LeafTooLargeError, NotCanonicalError: permanent, the message must be rejected
 */
export function prepareEvent<T extends keyof EventDataByType>(
  draft: EventDraft<T>,
  context: PrepareContext,
): PreparedEvent {
  const id = draft.id ?? uuidV7();
  const sealing = sealDraft(draft, id, context);
  const source = sealing?.source ?? null;
  const also = draft.also ?? [];
  const head = canonicalize({
    actor: draft.actor,
    also: also.length > 0 ? also : undefined,
    causationId: draft.causationId ?? null,
    correlationId: draft.correlationId ?? id,
    data: draft.data,
    id,
    log: context.log,
    occurred: draft.occurred,
  });
  const tail = canonicalize({
    sd: sealing?.digests ?? {},
    source,
    stream: draft.stream,
    streamVersion: draft.streamVersion,
    type: draft.type,
    v: ENVELOPE_VERSION,
  });
  const prefix = `${head.slice(0, -1)},"position":`;
  const suffix = `,${tail.slice(1)}`;
  const bytes = Buffer.byteLength(head) + Buffer.byteLength(tail) + ',"position":'.length - 1 + SPLICED_BYTES;
  if (bytes > MAX_LEAF_BYTES) throw new LeafTooLargeError(bytes);
  return {
    eventId: id,
    type: draft.type,
    stream: draft.stream,
    streamVersion: draft.streamVersion,
    also,
    prefix,
    suffix,
    ceSource: plain(source?.ceSource, 'source'),
    ceId: plain(source?.ceId, 'id'),
    cursorId: draft.cursorId ?? null,
    sourceOffset: source?.offset ?? null,
    reportId: plain(draft.reportId, 'reportId'),
    revision: draft.revision ?? null,
    delivery: draft.delivery ?? null,
    newReport: draft.newReport ?? null,
    log: context.log,
    wrappedKey: sealing?.wrappedKey ?? null,
    sealed: sealing?.rows ?? [],
  };
}

function plain(text: string | null | undefined, what: string): string | null {
  if (text === null || text === undefined) return null;
  if (CONTROL_CHARACTER.test(text)) throw new NotCanonicalError(`${what} holds a control character`);
  return text;
}
