import { partyKey, reportClaimant } from '../claims/claimant.js';
import type { ConversionPolicy } from '../claims/conversion-policy.js';
import type { IncidentHome } from '../decisions/decision-state.js';
import type { Verification } from '../enumerations.js';
import type { IncidentFigures } from './incident-figures.js';
import { flagsOf, rolesOf, targetsOf } from './incident-tags.js';
import { measureFigures } from './measure-figures.js';
import { decideActors } from './perpetrators.js';
import type { Party, PublicReport, ReportRecordedData } from '../report/report.js';
import type { ReportState } from '../report/report-state.js';
import { type StandingClaims, standingClaims } from '../claims/standing-claims.js';
import { decideWeapons } from './weapons.js';
import { decideWhole, precisionOf } from './whole-report.js';

/**
 * The fold (domain.md): from the active reports of one incident to its figures. Pure, independent of the order of
 * arrival, and made from public report data alone. Null when no report is active.
 */
export function foldIncident(active: readonly ReportState[], policy: ConversionPolicy): IncidentFigures | null {
  const states = rank(active);
  if (states.length === 0) return null;
  const bodies = states.map((state) => state.body as ReportRecordedData);
  const reports = bodies.map((body) => body.report);
  const claims = standingClaims(reports, policy);
  const contested: IncidentFigures['contested'] = {};
  const whole = decideWhole(bodies, contested);
  const weapons = decideWeapons(reports);
  if (weapons.contested) contested.weapon = weapons.contested;
  const actors = decideActors(reports);
  if (actors.contested) contested.perpetrator = actors.contested;
  const figures = measureFigures(claims);
  const claimants = claimantsOf(reports, claims);
  const home = homeOf(states) as IncidentHome;
  const { occurred } = whole.date.report;
  return {
    publisher: home.source,
    ref: home.ref,
    verification: verificationOf(claimants),
    incidentType: whole.type.report.classification.incidentType,
    start: occurred.start,
    end: occurred.end,
    timePrecision: occurred.precision,
    place: whole.place.report.place,
    geoPrecision: precisionOf(whole.place.placements, whole.place.report.place),
    placements: whole.place.placements,
    weapons: weapons.weapons,
    weaponGroup: weapons.weaponGroup,
    targets: targetsOf(bodies),
    actors: actors.actors,
    perpetrators: actors.perpetrators,
    roles: rolesOf(claims),
    flags: flagsOf(bodies, figures, occurred, contested),
    reports: states.length,
    claimants: claimants.length,
    figures,
    contested,
  };
}

/** The active reports from the earliest to the latest: `publishedAt` as an instant, then `reportId`, then source. */
function rank(active: readonly ReportState[]): ReportState[] {
  const reports: ReportState[] = [];
  for (const state of active) if (state.kind === 'REPORT' && state.body) reports.push(state);
  if (reports.length < 2) return reports;
  const instants = new Map(
    reports.map((state) => [state, Date.parse((state.body as ReportRecordedData).report.publishedAt)]),
  );
  return reports.toSorted(
    (a, b) =>
      (instants.get(a) ?? 0) - (instants.get(b) ?? 0) || order(a.reportId, b.reportId) || order(a.source, b.source),
  );
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/**
 * An incident belongs to the source that gave it its key; a report that names it by ledger id may be another's. Null when
 * no report is active.
 */
export function homeOf(states: readonly ReportState[]): IncidentHome | null {
  let home: ReportState | null = null;
  for (const state of states) {
    if (state.body !== null && (home === null || ownership(state) < ownership(home))) home = state;
  }
  return home && { source: home.source, ref: home.body?.report.incident.ref ?? null };
}

function ownership(state: ReportState): string {
  return `${state.body?.report.incident.ref == null ? 1 : 0}${state.source}`;
}

/**
 * Who vouches for the incident: the claimants of the casualty figures, and of a report without any the claimant of the
 * report. An outlet whose figures are all somebody else's is a relay and no second source (domain rule 3).
 */
function claimantsOf(reports: readonly PublicReport[], claims: StandingClaims): Party[] {
  const all = [...claims.claimants];
  let keys: Set<string> | null = null;
  for (const report of reports) {
    if (report.casualties && report.casualties.length > 0) continue;
    const claimant = reportClaimant(report);
    keys ??= new Set(claims.keys);
    const key = partyKey(claimant);
    if (keys.has(key)) continue;
    keys.add(key);
    all.push(claimant);
  }
  return all;
}

/** Verification by rule (domain fold 8). */
function verificationOf(claimants: readonly Party[]): Verification {
  let assessed = false;
  for (const { kind } of claimants) if (kind !== 'SOCIAL' && kind !== 'WITNESS') assessed = true;
  if (!assessed) return 'REPORTED';
  return claimants.length === 1 ? 'SINGLE_SOURCE' : 'CORROBORATED';
}
