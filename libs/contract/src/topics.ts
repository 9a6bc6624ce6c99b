/** Kafka topics of the contract §1 (in) and §2 (out). */
export const TOPICS = {
  REPORTS: 'conflict.reports.v1',
  DECISIONS: 'conflict.decisions.v1',
  REJECTED: 'conflict.reports.v1.rejected',
  EVENTS: 'conflict.events.v1',
} as const;

/** CloudEvents `type` values of the contract §1. */
export const TYPES = {
  REPORT: 'org.conflictledger.report.v1',
  REPORT_WITHDRAWN: 'org.conflictledger.report-withdrawn.v1',
  AGGREGATE: 'org.conflictledger.aggregate.v1',
  AGGREGATE_WITHDRAWN: 'org.conflictledger.aggregate-withdrawn.v1',
  TREND: 'org.conflictledger.trend.v1',
  TREND_WITHDRAWN: 'org.conflictledger.trend-withdrawn.v1',
  SITE: 'org.conflictledger.site.v1',
  SITE_WITHDRAWN: 'org.conflictledger.site-withdrawn.v1',
  DECISION: 'org.conflictledger.decision.v1',
} as const;
export type MessageType = (typeof TYPES)[keyof typeof TYPES];

const known: ReadonlySet<string> = new Set(Object.values(TYPES));

/** True when `type` is one of the contract's types. */
export function isKnownType(type: string): type is MessageType {
  return known.has(type);
}

/**
 * Whether a topic carries what publishers report: the one of the contract, or below its name one of a publisher's own, for
 * which the broker can give the right to write to him alone.
 */
export function isReportsTopic(topic: string): boolean {
  return topic === TOPICS.REPORTS || (topic.startsWith(`${TOPICS.REPORTS}.`) && topic !== TOPICS.REJECTED);
}

/**
 * Decisions travel on their own topic, which has its own ACL, and nothing else does: whoever may publish reports must
 * not be able to decide. Source prefixes per topic are configuration and are checked by `sourceAllowedOn`.
 */
export function typeAllowedOn(topic: string, type: string): boolean {
  if (topic === TOPICS.DECISIONS) return type === TYPES.DECISION;
  return isReportsTopic(topic) && isKnownType(type) && type !== TYPES.DECISION;
}
