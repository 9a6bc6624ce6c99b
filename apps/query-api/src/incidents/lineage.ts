import { type Components, decisionNamed, type RecordedDecision } from '#app/read-models';
import type { IncidentDecisionDto, LineageDto, LineageLinkDto } from './incident-detail.dto.js';
import type { OpenedValues } from '../opening/open-values.js';
import { openText } from './open-report.js';

/** Where an incident went to and what came into it, in both directions; what was taken back stays to be seen. */
export function lineageOf(
  incidentId: string,
  decisions: readonly RecordedDecision[],
  components: Components,
): LineageDto {
  const links = (kind: RecordedDecision['kind']): LineageLinkDto[] =>
    decisions.filter((decision) => decision.kind === kind && decision.other !== null).map(linkOf);
  const root = components.rootOf(incidentId);
  return {
    survivor: root === incidentId ? null : root,
    absorbed: components.membersOf(incidentId).slice(1),
    mergedInto: links('MERGED_INTO'),
    merged: links('ABSORBED'),
    splitOut: links('SPLIT_OUT'),
    splitIn: links('SPLIT_IN'),
  };
}

function linkOf({ other, position, recordedAt, eventId, by, endedAt, body }: RecordedDecision): LineageLinkDto {
  const { reportId } = body as { reportId?: string };
  const link = { incident: other ?? '', position, recordedAt, eventId, by, endedAt };
  return reportId === undefined ? link : { ...link, reportId };
}

/** One entry per event: a split of several reports has a row for each. */
export function decisionsOf(
  decisions: readonly RecordedDecision[],
  tiers: ReadonlyMap<string, OpenedValues>,
): IncidentDecisionDto[] {
  const events = new Map<string, RecordedDecision[]>();
  for (const decision of decisions) events.set(decision.eventId, [...(events.get(decision.eventId) ?? []), decision]);
  return [...events.values()].flatMap((rows) => {
    const [first] = rows;
    if (first === undefined) return [];
    const { position, recordedAt, eventId, by } = first;
    const ends = rows.map(({ endedAt }) => endedAt);
    const tier = tiers.get(eventId);
    return {
      kind: decisionNamed(first.kind).reason,
      position,
      recordedAt,
      eventId,
      by,
      endedAt: ends.includes(null) ? null : Math.max(...ends.map(Number)),
      decided: decidedBy(rows),
      reason: openText(tier, '/reason'),
      grounds: openText(tier, '/grounds'),
      erased: tier?.erased ?? [],
    };
  });
}

function decidedBy(rows: readonly RecordedDecision[]): object {
  const [first] = rows;
  if (first === undefined) return {};
  const { kind, other, body } = first;
  if (kind === 'MERGED_INTO') return { survivor: other };
  if (kind === 'ABSORBED') return { absorbed: rows.map((row) => row.other) };
  if (kind === 'SPLIT_OUT') return { into: other, reports: rows.map((row) => row.body) };
  if (kind === 'SPLIT_IN') return { incident: other, reports: rows.map((row) => row.body) };
  return body;
}
