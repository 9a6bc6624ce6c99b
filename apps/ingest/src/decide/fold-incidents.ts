import {
  applyDecision,
  type DecisionEvent,
  type DecisionState,
  type IncidentClaims,
  type Incidents,
  isSameReport,
  type ReportState,
} from '#app/domain';
import type { RecordedEvent } from '#app/log';

/** Types of decisions on incidents; what else lies in their streams (erasures, placements) decides nothing. */
export const DECIDING: readonly (DecisionEvent['type'] | 'DuplicateRejected')[] = [
  'IncidentsMerged',
  'MergeReverted',
  'IncidentSplit',
  'IncidentVerified',
  'IncidentReclassified',
  'IncidentRedated',
  'IncidentRelocated',
  'IncidentRetracted',
  'IncidentReinstated',
  'DuplicateRejected',
];

/** An event of the streams of some incidents, as far as decisions ask about it. */
export type StreamEvent =
  | { kind: 'report'; position: number; stream: string; source: string; reportId: string; withdrawn: boolean }
  /** Of a type in DECIDING. */
  | { kind: 'decision'; position: number; leaf: RecordedEvent };

interface Claims extends IncidentClaims {
  reports: ReportState[];
  decisions: DecisionState[];
}

/** What stands on some incidents. */
export interface StandingIncidents extends Incidents {
  /** Pairs that a steward looked at and found not to be the same, as `a/b` with a < b. */
  rejectedPairs: ReadonlySet<string>;
}

/**
 * Folds the recorded reports and decisions of incidents, in the order of the log, by the rules with which they are
 * projected. Of a report only its name matters here.
 */
export function foldIncidents(events: readonly StreamEvent[]): StandingIncidents {
  const incidents = new Map<string, Claims>();
  const rejectedPairs = new Set<string>();
  for (const event of events) {
    if (event.kind === 'report') holdReport(claimsOf(incidents, event.stream), event);
    else if (event.leaf.type === 'DuplicateRejected') rejectedPairs.add(pairOf(event.leaf.data.a, event.leaf.data.b));
    else holdDecision(incidents, event.leaf);
  }
  return { get: (incidentId) => incidents.get(incidentId), rejectedPairs };
}

/** The name of a pair, whichever is named first. */
export function pairOf(a: string, b: string): string {
  return a < b ? `${a}/${b}` : `${b}/${a}`;
}

function claimsOf(incidents: Map<string, Claims>, incidentId: string): Claims {
  const known = incidents.get(incidentId);
  if (known !== undefined) return known;
  const claims: Claims = { reports: [], decisions: [], home: null };
  incidents.set(incidentId, claims);
  return claims;
}

function holdReport(claims: Claims, { source, reportId, position, withdrawn }: StreamEvent & { kind: 'report' }): void {
  if (claims.reports.some((report) => isSameReport(report, { source, reportId }))) return;
  const kind = withdrawn ? 'WITHDRAWN' : 'REPORT';
  claims.reports.push({ kind, source, reportId, revision: 0, position, eventId: '', publishedAt: null, body: null });
}

function holdDecision(incidents: Map<string, Claims>, { type, actor, data, position, id }: RecordedEvent): void {
  const event = { type, actor, data, position, eventId: id } as DecisionEvent;
  for (const { incidentId, closed, opened } of applyDecision(incidents, event)) {
    const claims = claimsOf(incidents, incidentId);
    claims.decisions = [...claims.decisions.filter((state) => !closed.includes(state)), ...opened];
  }
}
