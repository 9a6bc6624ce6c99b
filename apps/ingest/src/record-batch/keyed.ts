import {
  canonicalize,
  contentDigestOf,
  identityOf,
  incidentIdOf,
  reportNameOf,
  writeEvent,
  type WrittenEvent,
} from '#app/log';
import type { ReportIntent } from '#app/domain';
import type { AttemptContext } from '../ingest-context.js';
import { draftReport } from '../decide/draft-incident-event.js';
import { officialStreamOf } from '../decide/official-streams.js';
import type { Message } from '../read-message/message.js';
import {
  type DecisionReading,
  type OfficialReading,
  type Reading,
  type Refusal,
  type RefusedReading,
  type RefusedSubject,
  type ReportReading,
  readMessage,
  refuse,
  type WithdrawalReading,
} from '../read-message/read-message.js';
import type { Delivery } from './deliveries.js';
import { coordinatesKey } from './plan.js';
import type { Touch } from './streams.js';

/** A report whose event is written already but for what is decided: what it was read as is let go. */
export interface WrittenReading extends Pick<ReportReading, 'message' | 'event'> {
  kind: 'written';
  written: WrittenEvent;
}

/** A report or withdrawal with what it is looked up by. */
export interface KeyedIncidentMessage {
  reading: ReportReading | WithdrawalReading | WrittenReading;
  intent: ReportIntent;
  delivery: Delivery;
  touch: Touch;
  /** Name of the report, whatever its revision or incident. */
  report: string;
  /** The publisher named the incident by its ledger id, so it must exist. */
  byId: boolean;
}
/** An aggregate, a trend, a site, or the withdrawal of one, with the stream that it belongs to. */
export interface KeyedOfficial {
  reading: OfficialReading;
  delivery: Delivery;
  stream: string;
}
export interface KeyedDecision {
  reading: DecisionReading;
  delivery: Delivery;
}
export interface KeyedRefusal {
  reading: RefusedReading;
}
export type Keyed = KeyedIncidentMessage | KeyedOfficial | KeyedDecision | KeyedRefusal;

/** Decodes, validates and keys one message, or refuses it because an earlier attempt could not record it. */
export function readKeyed(message: Message, context: AttemptContext): Keyed {
  const { sources, forced } = context;
  const refused = forced.size === 0 ? undefined : forced.get(coordinatesKey(message.at));
  if (refused === undefined) return keyed(readMessage(message, sources), context);
  const refusal: Refusal = { stage: 'RECORD', code: refused.code, problems: [] };
  return { reading: refused.bare ? refuseBare(message, refusal) : refuseUnread(message, sources, refusal) };
}

/** Reading may be the very thing that fails; then nothing is known of the message but its bytes. */
function refuseUnread(message: Message, sources: AttemptContext['sources'], refusal: Refusal): RefusedReading {
  try {
    const reading = readMessage(message, sources);
    return reading.kind === 'refused' ? { ...reading, refusal } : refuse(reading, refusal);
  } catch {
    return refuseBare(message, refusal);
  }
}

function refuseBare(message: Message, refusal: Refusal): RefusedReading {
  const subject: RefusedSubject = { source: null, id: null, type: null, trusted: false };
  return { kind: 'refused', message: { ...message, timestamp: null }, subject, correlation: null, refusal };
}

/** Computes the identity, the content digest and the stream of a message, and writes the event of a usual report. */
function keyed(reading: Reading, context: AttemptContext): Keyed {
  if (reading.kind === 'refused') return { reading };
  const { event, data } = reading;
  const text = canonicalize(data);
  const delivery = {
    identity: identityOf(event.source, event.id),
    digest: contentDigestOf(context.secrets.dedupKey, event.type, text),
  };
  if (reading.kind === 'decision') return { reading, delivery };
  if (reading.kind !== 'report' && reading.kind !== 'withdrawal') {
    return { reading, delivery, stream: officialStreamOf(reading) };
  }
  const { incident, reportId } = reading.data;
  const byId = typeof incident.id === 'string';
  const stream = byId ? (incident.id as string) : incidentIdOf(event.source, incident.ref as string);
  const report = reportNameOf(event.source, reportId);
  const touch = { stream, source: event.source, reportId };
  if (reading.kind === 'withdrawal') return { reading, intent: WITHDRAWAL, delivery, touch, report, byId };
  const intent: ReportIntent = { type: 'REPORT', revision: reading.data.revision };
  return { reading: writtenEarly(reading, { stream, text }, context), intent, delivery, touch, report, byId };
}

const WITHDRAWAL: ReportIntent = { type: 'WITHDRAWAL' };

/**
 * A usual report with its event written: what waits for its transaction are a few texts, and not all the objects that were
 * read. Where a data subject's key is needed, which is read in the transaction, or where it fails, which is for the
 * transaction to tell, the report stays as it was read.
 */
function writtenEarly(
  reading: ReportReading,
  { stream, text }: { stream: string; text: string },
  context: AttemptContext,
): ReportReading | WrittenReading {
  const { message, event } = reading;
  try {
    const { draft, subjects } = draftReport(reading, stream, context);
    if (subjects.size > 0) return reading;
    const { report } = draft.data;
    const written = writeEvent(report === reading.data ? { ...draft, reportText: text } : draft, context);
    return { kind: 'written', message, event, written };
  } catch {
    return reading;
  }
}

export function isIncidentMessage(one: Keyed): one is KeyedIncidentMessage {
  return 'touch' in one;
}

export function isOfficial(one: Keyed): one is KeyedOfficial {
  return 'stream' in one;
}

export function isReadable(one: Keyed): one is Exclude<Keyed, KeyedRefusal> {
  return 'delivery' in one;
}
