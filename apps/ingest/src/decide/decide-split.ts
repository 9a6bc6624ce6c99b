import { type DecisionV1, readIncidentName } from '#app/contract';
import { countingReports, membersOf, type ReportName, rootOf } from '#app/domain';
import { DecisionRefused } from './carried-out.js';
import { type Decided, decided, idOf, notApplicable } from './decided.js';
import { type IncidentsAsked, refuseMerged } from './incidents-asked.js';

type NamedReport = NonNullable<DecisionV1['reports']>[number];

/**
 * Reports leave an incident for another one, which the split may make. `incident` may be merged: the reports are looked
 * for in all that counts together with it, as a reader sees them. Splitting them back is the reversal.
 * @throws DecisionRefused
 */
export function decideSplit({ incident, reports, into }: DecisionV1, known: IncidentsAsked): Decided {
  const from = idOf(incident ?? '');
  const target = idOf(into ?? '');
  const name = readIncidentName(into ?? '');
  const isNew = !known.exists(target);
  if (isNew && 'id' in name) {
    throw new DecisionRefused(
      'DECISION_TARGET_UNKNOWN',
      '/into',
      'no such incident; a new one needs a source and a ref',
    );
  }
  refuseMerged(known, target, '/into');
  if (from === target) notApplicable('/into', 'is the incident itself');
  const moved = (reports ?? []).map((report, index) =>
    findReport(report, `/reports/${index}`, { from, target, known }),
  );
  refuseTwice(moved);
  const data = {
    incident: from,
    into: target,
    ref: isNew && 'ref' in name ? name : null,
    reports: moved.map(({ report }) => report),
  };
  return decided('IncidentSplit', data, from, target, ...moved.flatMap(({ streams }) => streams));
}

interface Found {
  report: ReportName;
  /** Where it was recorded and where it counts now. */
  streams: string[];
}

function findReport(
  named: NamedReport,
  pointer: string,
  { from, target, known }: { from: string; target: string; known: IncidentsAsked },
): Found {
  const { source, reportId } = typeof named === 'string' ? { source: null, reportId: named } : named;
  const found: Found[] = [];
  for (const member of membersOf(known, rootOf(known, from))) {
    for (const report of countingReports(known, member)) {
      if (report.reportId !== reportId || (source !== null && report.source !== source)) continue;
      const home = homeOf(known, member, report);
      found.push({ report: { source: report.source, reportId }, streams: [member, home] });
    }
  }
  const elsewhere = found.filter(({ streams: [member] }) => member !== target);
  const [first, another] = elsewhere;
  if (first === undefined) {
    if (found.length > 0) notApplicable(pointer, 'counts in that incident already');
    throw new DecisionRefused('DECISION_TARGET_UNKNOWN', pointer, 'no such report counts in this incident');
  }
  if (another !== undefined) {
    throw new DecisionRefused(
      'DECISION_TARGET_AMBIGUOUS',
      pointer,
      'several sources use this reportId: give {source, reportId}',
    );
  }
  return first;
}

/** The incident under which a report was recorded that counts in `member`. */
function homeOf(known: IncidentsAsked, member: string, { source, reportId }: ReportName): string {
  for (const state of known.get(member)?.decisions ?? []) {
    if (state.kind !== 'SPLIT_IN' || state.body.reportId !== reportId || state.body.source !== source) continue;
    return state.other ?? member;
  }
  return member;
}

function refuseTwice(moved: readonly Found[]): void {
  const names = moved.map(({ report }) => JSON.stringify([report.source, report.reportId]));
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (twice !== -1) notApplicable(`/reports/${twice}`, 'is named twice');
}
