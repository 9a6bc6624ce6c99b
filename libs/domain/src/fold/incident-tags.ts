import { latestReports } from './attributes.js';
import { FLAGS, type Flag } from '../enumerations.js';
import type { IncidentFigures, MeasureFigure } from './incident-figures.js';
import type { ReportRecordedData } from '../report/report.js';
import { sortedSet } from './sorted-set.js';
import type { StandingClaims } from '../claims/standing-claims.js';

/** Targets that the latest report of any claimant names. */
export function targetsOf(bodies: readonly ReportRecordedData[]): string[] {
  const only = bodies.length === 1 ? (bodies[0] as ReportRecordedData).report.classification.targets : null;
  if (only) return sortedSet(only);
  const targets: string[] = [];
  for (const ballot of latestReports(bodies.filter((body) => body.report.classification.targets?.length))) {
    for (const target of ballot.value.report.classification.targets ?? []) targets.push(target);
  }
  return sortedSet(targets);
}

/** Roles of the victims in the claims that stand. */
export function rolesOf(claims: StandingClaims): string[] {
  const roles: string[] = [];
  for (const row of claims.cells) {
    if (!row) continue;
    for (const standing of row) if (standing?.roles) roles.push(...standing.roles);
  }
  return sortedSet(roles);
}

/** Whether two civil dates lie in different months. */
export function crossesPeriod(start: string, end: string): boolean {
  return start.slice(0, 7) !== end.slice(0, 7);
}

/** What is counted beside the figures (domain fold 10), in the order of the enumeration. */
export function flagsOf(
  bodies: readonly ReportRecordedData[],
  figures: readonly MeasureFigure[],
  occurred: { start: string; end: string },
  contested: IncidentFigures['contested'],
): Flag[] {
  const flags = new Set<Flag>();
  for (const body of bodies) if (body.flags.includes('INTERVAL_INCONSISTENT')) flags.add('INTERVAL_INCONSISTENT');
  for (const figure of figures) for (const flag of figure.flags) flags.add(flag);
  if (crossesPeriod(occurred.start, occurred.end)) flags.add('CROSSES_PERIOD');
  if (contested.date) flags.add('CONTESTED_DATE');
  if (contested.place) flags.add('CONTESTED_PLACE');
  if (contested.type) flags.add('CONTESTED_TYPE');
  if (contested.weapon) flags.add('CONTESTED_WEAPON');
  if (contested.perpetrator) flags.add('CONTESTED_PERPETRATOR');
  return flags.size === 0 ? [] : FLAGS.filter((flag) => flags.has(flag));
}
