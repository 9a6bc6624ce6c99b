import {
  type CloudEvent,
  type DecisionV1,
  decodeMessage,
  isKnownType,
  type MessageType,
  type Problem,
  type RejectionCode,
  rejectionCodeOf,
  sourceAllowedOn,
  type TopicSources,
  TYPES,
  typeAllowedOn,
  validateData,
} from '#app/contract';
import type {
  Aggregate,
  AggregateWithdrawnData,
  Report,
  ReportWithdrawnData,
  Site,
  SiteWithdrawnData,
  Trend,
  TrendWithdrawnData,
} from '#app/domain';
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
export type AggregateReading = Readable<'aggregate', Aggregate>;
export type AggregateWithdrawalReading = Readable<'aggregate-withdrawal', AggregateWithdrawnData & { reason: string }>;
export type TrendReading = Readable<'trend', Trend>;
export type TrendWithdrawalReading = Readable<'trend-withdrawal', TrendWithdrawnData & { reason: string }>;
export type SiteReading = Readable<'site', Site>;
export type SiteWithdrawalReading = Readable<'site-withdrawal', SiteWithdrawnData & { reason: string }>;
/** What is recorded beside incidents, each in a stream of its own. */
export type OfficialReading =
  | AggregateReading
  | AggregateWithdrawalReading
  | TrendReading
  | TrendWithdrawalReading
  | SiteReading
  | SiteWithdrawalReading;
export type DecisionReading = Readable<'decision', DecisionV1>;
export interface RefusedReading {
  kind: 'refused';
  message: Message;
  subject: RefusedSubject;
  correlation: string | null;
  refusal: Refusal;
}

/** A message decoded and validated: what it says, or why it cannot be recorded. */
export type ReadableReading = ReportReading | WithdrawalReading | OfficialReading | DecisionReading;
export type Reading = ReadableReading | RefusedReading;

const KINDS: Record<MessageType, ReadableReading['kind']> = {
  [TYPES.REPORT]: 'report',
  [TYPES.REPORT_WITHDRAWN]: 'withdrawal',
  [TYPES.AGGREGATE]: 'aggregate',
  [TYPES.AGGREGATE_WITHDRAWN]: 'aggregate-withdrawal',
  [TYPES.TREND]: 'trend',
  [TYPES.TREND_WITHDRAWN]: 'trend-withdrawal',
  [TYPES.SITE]: 'site',
  [TYPES.SITE_WITHDRAWN]: 'site-withdrawal',
  [TYPES.DECISION]: 'decision',
};

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
  // Validated against the schema of its type, so its kind says what its data are.
  return { kind: KINDS[event.type as MessageType], message, event, data } as ReadableReading;
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
    return typeAllowedOn(topic, event.type) ? null : 'TYPE_NOT_ALLOWED_ON_TOPIC';
  })();
  return code === null ? null : { stage: 'AUTHORIZE', code, problems: [] };
}

function invalid(type: string, data: unknown): Refusal | null {
  const problems = validateData(type, data);
  return problems.length === 0 ? null : { stage: 'VALIDATE', code: rejectionCodeOf(problems), problems };
}
