import type { ConversionPolicy } from '../claims/conversion-policy.js';
import { type Decided, holdDecisions } from './decided.js';
import type { ReportName } from './decision-data.js';
import type { DecisionState, IncidentClaims, IncidentHome, Incidents } from './decision-state.js';
import { foldIncident, homeOf } from '../fold/fold-incident.js';
import type { IncidentFigures } from '../fold/incident-figures.js';
import type { ReportState } from '../report/report-state.js';

/**
 * Components: merges form a tree of incidents whose reports are folded together under its root (domain fold 9); splits
 * let single reports count in another incident than the one under which they were recorded.
 */

const NOTHING: IncidentClaims = { reports: [], decisions: [], home: null };

export function isSameReport(a: ReportName, b: ReportName): boolean {
  return a.reportId === b.reportId && a.source === b.source;
}

/** Under which incident this one counts: itself, or the survivor of all merges that it was absorbed in. */
export function rootOf(incidents: Incidents, incidentId: string): string {
  let root = incidentId;
  for (;;) {
    const parent = incidents.get(root)?.decisions.find(({ kind }) => kind === 'MERGED_INTO')?.other;
    if (!parent) return root;
    root = parent;
  }
}

/** An incident and all that it has absorbed, directly or through others. */
export function membersOf(incidents: Incidents, incidentId: string): string[] {
  const members = [incidentId];
  for (const member of members) {
    for (const { kind, other } of incidents.get(member)?.decisions ?? []) {
      if (kind === 'ABSORBED' && other !== null) members.push(other);
    }
  }
  return members;
}

/** The reports of an incident by itself: those recorded under it, less those split out, with those split in. */
export function countingReports(incidents: Incidents, incidentId: string): ReportState[] {
  const { reports, decisions } = incidents.get(incidentId) ?? NOTHING;
  const counting = reports.filter((report) => !decisions.some((state) => isOut(state, report)));
  for (const state of decisions) {
    if (state.kind !== 'SPLIT_IN' || state.other === null) continue;
    for (const report of incidents.get(state.other)?.reports ?? []) {
      if (isSameReport(report, state.body)) counting.push(report);
    }
  }
  return counting;
}

function isOut(state: DecisionState, report: ReportState): boolean {
  return state.kind === 'SPLIT_OUT' && isSameReport(state.body, report);
}

/**
 * The figures of a root: the active reports of all its members folded together, under the decisions on the root itself.
 * `publisher` and `ref` are the root's own, also when none of its own reports is left. Null when no report counts.
 */
export function foldComponent(incidents: Incidents, rootId: string, policy: ConversionPolicy): IncidentFigures | null {
  const members = membersOf(incidents, rootId);
  return fold(incidents, rootId, members, policy);
}

/** The figures of an incident by itself, whatever it was merged with: what a merged one shows. */
export function foldMember(incidents: Incidents, incidentId: string, policy: ConversionPolicy): IncidentFigures | null {
  return fold(incidents, incidentId, [incidentId], policy);
}

function fold(
  incidents: Incidents,
  incidentId: string,
  members: readonly string[],
  policy: ConversionPolicy,
): IncidentFigures | null {
  const reports = members.flatMap((member) => countingReports(incidents, member));
  const figures = foldIncident(reports, policy);
  const claims = incidents.get(incidentId) ?? NOTHING;
  return figures && holdDecisions(figures, decidedOf(claims));
}

function decidedOf(claims: IncidentClaims): Decided {
  const decided: Decided = { home: ownHome(claims) };
  for (const state of claims.decisions) {
    if (state.kind === 'RETRACTED') decided.verification = 'RETRACTED';
    else if (state.kind === 'VERIFIED') decided.verification ??= state.body.grade;
    else if (state.kind === 'RECLASSIFIED') decided.classification = state.body.classification;
    else if (state.kind === 'REDATED') decided.occurred = state.body.occurred;
    else if (state.kind === 'RELOCATED') decided.place = state.body;
  }
  return decided;
}

/** Whose incident it is: by the key in its own reports, by the split that made it, as last known, or by a withdrawal. */
function ownHome({ reports, decisions, home }: IncidentClaims): IncidentHome | null {
  const own = homeOf(reports);
  if (own?.ref != null) return own;
  for (const state of decisions) if (state.kind === 'SPLIT_IN' && state.body.ref) return state.body.ref;
  const [withdrawn] = reports;
  return own ?? home ?? (withdrawn ? { source: withdrawn.source, ref: null } : null);
}
