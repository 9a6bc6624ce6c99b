import {
  type CloudEvent,
  type DecisionV1,
  decodeMessage,
  isKnownType,
  isSupportedType,
  type Problem,
  type RejectionCode,
  rejectionCodeOf,
  sourceAllowedOn,
  type TopicSources,
  TYPES,
  typeAllowedOn,
  validateData,
} from '#app/contract';
import type { Report, ReportWithdrawnData } from '#app/domain';
import { inCanonicalOrder } from '#app/log';
import type { Message } from './message.js';

/** The step at which a message was refused; stored with the rejection. */
export type Stage = 'DECODE' | 'AUTHORIZE' | 'VALIDATE' | 'DECIDE' | 'RECORD';

/** What a refused message is known to be. */
export interface RefusedSubject {
  source: string | null;
  id: string | null;
  type: string | null;
  /** The topic may carry this source, so its publisher answers for the id; anybody else's text stays out of the leaf. */
  trusted: boolean;
}

export interface Refusal {
  stage: Stage;
  code: RejectionCode;
  problems: Problem[];
}

/** A withdrawal as published: the reason is free text and never enters a leaf. */
export type Withdrawal = ReportWithdrawnData & { reason: string };

interface Readable<Kind extends string, Data> {
  kind: Kind;
  message: Message;
  event: CloudEvent;
  data: Data;
}
export type ReportReading = Readable<'report', Report>;
export type WithdrawalReading = Readable<'withdrawal', Withdrawal>;
export type DecisionReading = Readable<'decision', DecisionV1>;
export interface RefusedReading {
  kind: 'refused';
  message: Message;
  subject: RefusedSubject;
  correlation: string | null;
  refusal: Refusal;
}

/** A message decoded and validated: what it says, or why it cannot be recorded. */
export type Reading = ReportReading | WithdrawalReading | DecisionReading | RefusedReading;
export type ReadableReading = Exclude<Reading, RefusedReading>;

/** Decodes and validates one message. Pure: nothing recorded is looked at. */
export function readMessage(message: Message, sources: TopicSources): Reading {
  const decoded = decodeMessage(message.raw);
  if (decoded.kind === 'unreadable') {
    const source = decoded.ceSource ?? null;
    const trusted = source !== null && sourceAllowedOn(sources, message.at.topic, source);
    const subject = { source, id: decoded.ceId ?? null, type: decoded.ceType ?? null, trusted };
    const refusal = { stage: 'DECODE', code: decoded.code, problems: decoded.problems } as const;
    return { kind: 'refused', message, subject, correlation: null, refusal };
  }
  const { cloudEvent: event } = decoded;
  const refusal = unauthorized(event, message.at.topic, sources) ?? invalid(event.type, decoded.data);
  if (refusal !== null) return refuse({ message, event }, refusal);
  // Sorted once for all that writes it or parts of it in canonical form: the content digest, the leaf, the seals.
  const data = inCanonicalOrder(decoded.data);
  if (event.type === TYPES.REPORT) return { kind: 'report', message, event, data: data as Report };
  if (event.type === TYPES.REPORT_WITHDRAWN) return { kind: 'withdrawal', message, event, data: data as Withdrawal };
  return { kind: 'decision', message, event, data: data as DecisionV1 };
}

/** A readable message that is refused after all. */
export function refuse(
  { message, event }: Pick<ReadableReading, 'message' | 'event'>,
  refusal: Refusal,
): RefusedReading {
  const trusted = refusal.code !== 'SOURCE_NOT_ALLOWED';
  const subject = { source: event.source, id: event.id, type: event.type, trusted };
  return { kind: 'refused', message, subject, correlation: correlationOf(event), refusal };
}

/** Leaves are public: a token is taken over, free text is not. */
const PUBLIC_TOKEN = /^[\w.:@/-]{1,128}$/;

/** The CloudEvents extension `correlationid`, which publishers use to follow a message through several systems. */
export function correlationOf(event: CloudEvent): string | null {
  const { correlationid: given } = event;
  return given !== undefined && PUBLIC_TOKEN.test(given) ? given : null;
}

function unauthorized(event: CloudEvent, topic: string, sources: TopicSources): Refusal | null {
  const code = ((): RejectionCode | null => {
    if (!sourceAllowedOn(sources, topic, event.source)) return 'SOURCE_NOT_ALLOWED';
    if (!isKnownType(event.type)) return 'TYPE_UNKNOWN';
    if (!typeAllowedOn(topic, event.type)) return 'TYPE_NOT_ALLOWED_ON_TOPIC';
    return isSupportedType(event.type) ? null : 'TYPE_NOT_SUPPORTED';
  })();
  return code === null ? null : { stage: 'AUTHORIZE', code, problems: [] };
}

function invalid(type: string, data: unknown): Refusal | null {
  const problems = validateData(type, data);
  return problems.length === 0 ? null : { stage: 'VALIDATE', code: rejectionCodeOf(problems), problems };
}
