import type { Disposition, EventType } from '#app/domain';
import { canonicalize, refuseLoneSurrogates } from './canonical-json.js';
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

/** A draft whose place in its stream is not known yet, nor, of a report, whether it counts. */
export type UndecidedDraft<T extends keyof EventDataByType = keyof EventDataByType> = Omit<
  EventDraft<T>,
  'data' | 'streamVersion' | 'delivery' | 'newReport'
> & {
  /** Of a report less its disposition. */
  data: Omit<EventDataByType[T], 'disposition'>;
  /** Canonical text of `data.report`, where the caller has it already. */
  reportText?: string;
};

/** What the state of the streams says of an event. */
export interface Decided {
  streamVersion: number;
  /** Of a ReportRecorded event only. */
  disposition?: Disposition;
  delivery?: EventDraft['delivery'];
  newReport?: string | null;
}

/** Which log an event is for, and what wraps its key. */
export interface PrepareContext {
  /** Id of the log, as LogCreated names it. */
  log: string;
  masterKey: MasterKey;
}

interface EventColumns {
  eventId: string;
  type: EventType;
  stream: string;
  also: readonly { stream: string; streamVersion: number }[];
  ceSource: string | null;
  ceId: string | null;
  cursorId: number | null;
  sourceOffset: number | null;
  reportId: string | null;
  revision: number | null;
  log: string;
  /** The event's own key, base64 of its wrapped form; null when nothing is sealed with a new key. */
  wrappedKey: string | null;
  /** Rows for ledger.sealed: `boxes` is JSON text (boxes.ts). */
  sealed: readonly { keyId: string; boxes: string }[];
}

/**
 * An event whose leaf is written but for its place in its stream and, of a report, its disposition: flat texts, which cost
 * the garbage collector nothing while they wait.
 */
export interface WrittenEvent extends EventColumns {
  /** The leaf up to its disposition, if it has one. */
  lead: string;
  /** From there up to and including `"position":`. */
  body: string;
  /** From `,"sd":` up to and including `"streamVersion":`. */
  tail: string;
  /** Of the three in UTF-8. */
  bytes: number;
}

/** Everything of an event that can be made outside the lock of the counter. */
export interface PreparedEvent extends EventColumns {
  streamVersion: number;
  /** The leaf up to and including `"position":`. */
  prefix: string;
  /** The leaf from `,"sd":`. */
  suffix: string;
  delivery: { identity: string; digest: string } | null;
  newReport: string | null;
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
  const { disposition, ...data } = draft.data as EventDataByType[T] & { disposition?: Disposition };
  return decideEvent(writeEvent({ ...draft, data }, context), { ...draft, ...(disposition && { disposition }) });
}

/**
 * `prepareEvent` as far as nothing needs to be known of what is recorded. The envelope is written out member by member in
 * canonical order: objects for it would cost more than all its texts.
 *
 * @throws NotCanonicalError
 */
export function writeEvent<T extends keyof EventDataByType>(
  draft: UndecidedDraft<T>,
  context: PrepareContext,
): WrittenEvent {
  const id = draft.id ?? uuidV7();
  const sealed = sealDraft(draft, id, context);
  const source = sealed?.source ?? null;
  const { also = [], occurred, type, stream } = draft;
  const report = type === 'ReportRecorded' ? textsOfReport(draft as UndecidedDraft<'ReportRecorded'>) : null;
  const lead = checked(
    `{"actor":${quoted(draft.actor)},${also.length > 0 ? `"also":${canonicalize(also)},` : ''}"causationId":${quoted(draft.causationId ?? null)},"correlationId":${quoted(draft.correlationId ?? id)},"data":${report?.before ?? ''}`,
  );
  const body = checked(
    `${report?.after ?? canonicalize(draft.data)},"id":"${id}","log":"${context.log}"${occurred === undefined ? '' : `,"occurred":${canonicalize(occurred)}`},"position":`,
  );
  const tail = checked(
    `,"sd":${sealed === null ? '{}' : canonicalize(sealed.digests)},"source":${source === null ? 'null' : textOfSource(source)},"stream":"${stream}","streamVersion":`,
  );
  return {
    eventId: id,
    type,
    stream,
    also,
    lead,
    body,
    tail,
    bytes: Buffer.byteLength(lead) + Buffer.byteLength(body) + Buffer.byteLength(tail),
    ceSource: plain(source?.ceSource, 'source'),
    ceId: plain(source?.ceId, 'id'),
    cursorId: draft.cursorId ?? null,
    sourceOffset: source?.offset ?? null,
    reportId: plain(draft.reportId, 'reportId'),
    revision: draft.revision ?? null,
    log: context.log,
    wrappedKey: sealed?.wrappedKey ?? null,
    sealed: sealed?.rows ?? [],
  };
}

/** Puts in what was decided. @throws LeafTooLargeError */
export function decideEvent(
  written: WrittenEvent,
  { streamVersion, disposition, delivery, newReport }: Decided,
): PreparedEvent {
  const { lead, body, tail, type } = written;
  const end = `${streamVersion},"type":"${type}","v":${ENVELOPE_VERSION}}`;
  const bytes = written.bytes + (disposition?.length ?? 0) + end.length + SPLICED_BYTES;
  if (bytes > MAX_LEAF_BYTES) throw new LeafTooLargeError(bytes);
  return {
    eventId: written.eventId,
    type,
    stream: written.stream,
    streamVersion,
    also: written.also,
    prefix: lead + (disposition ?? '') + body,
    suffix: tail + end,
    ceSource: written.ceSource,
    ceId: written.ceId,
    cursorId: written.cursorId,
    sourceOffset: written.sourceOffset,
    reportId: written.reportId,
    revision: written.revision,
    delivery: delivery ?? null,
    newReport: newReport ?? null,
    log: written.log,
    wrappedKey: written.wrappedKey,
    sealed: written.sealed,
  };
}

/** The data of a report before and after its disposition. */
function textsOfReport({ data, reportText }: UndecidedDraft<'ReportRecorded'>): { before: string; after: string } {
  const { flags, placements, report } = data;
  const flagged = flags.length === 0 ? '[]' : canonicalize(flags);
  return {
    before: '{"disposition":"',
    after: `","flags":${flagged},"placements":${canonicalize(placements)},"report":${reportText ?? canonicalize(report)}}`,
  };
}

function textOfSource({ ceId, ceSource, cluster, offset, partition, payloadCommitment, topic }: EventSource): string {
  return `{"ceId":${quoted(ceId)},"ceSource":${quoted(ceSource)},"cluster":${quoted(cluster)},"offset":${offset},"partition":${partition},"payloadCommitment":"${payloadCommitment}","topic":${quoted(topic)}}`;
}

function quoted(text: string | null): string {
  return JSON.stringify(text);
}

/** The search makes one flat text of the pieces: as pieces they would be copied one by one while they wait. */
function checked(text: string): string {
  refuseLoneSurrogates(text);
  return text;
}

function plain(text: string | null | undefined, what: string): string | null {
  if (text === null || text === undefined) return null;
  if (CONTROL_CHARACTER.test(text)) throw new NotCanonicalError(`${what} holds a control character`);
  return text;
}
