import { claimantKey } from '../claims/claimant.js';
import type { ConversionPolicy } from '../claims/conversion-policy.js';
import type { Estimator, Measure, Part } from '../enumerations.js';
import { estimate } from '../claims/estimators.js';
import type { Amounts } from './comparison.js';
import type { CasualtyClaim, PublicReport } from '../report/report.js';
import { readValue, type StatedValue, sumOf } from '../claims/stated-value.js';

/** What one claimant says of one measure and status: by its latest report that speaks of them (domain fold 2). */
interface Said {
  measure: Measure;
  part: Part;
  claimant: string;
  /** Rank of the report. */
  report: number;
  /** Of the role alone; empty when this report gives nobody the role. */
  ofRole: StatedValue[];
}

/**
 * Of the victims of one incident those to whom claims give a role, by measure and status: min lo … max hi over the
 * claimants that name it. A later report of a claimant that speaks of the status and not of the role takes it back.
 *
 * @param reports the active ones, in any order
 * @param estimator of the points; null: none
 */
export function roleAmounts(
  reports: readonly PublicReport[],
  role: string,
  { policy, estimator }: { policy: ConversionPolicy; estimator: Estimator | null },
): Amounts[] {
  const said = new Map<string, Said>();
  for (const [rank, report] of ranked(reports).entries()) {
    for (const claim of report.casualties ?? []) {
      const value = claim.role === role ? readValue(claim.value, claim.measure, report.language, policy) : null;
      hear(said, { claim, claimant: claimantKey(claim, report), rank, value });
    }
  }
  const cells = new Map<string, Said[]>();
  for (const each of said.values()) {
    if (each.ofRole.length === 0) continue;
    const key = `${each.measure} ${each.part}`;
    cells.set(key, [...(cells.get(key) ?? []), each]);
  }
  return [...cells.values()].map((claims) => amountsOf(claims, estimator));
}

function ranked(reports: readonly PublicReport[]): PublicReport[] {
  const instant = ({ publishedAt }: PublicReport): number => Date.parse(publishedAt);
  return reports.toSorted((a, b) => instant(a) - instant(b) || (a.reportId < b.reportId ? -1 : 1));
}

interface Heard {
  claim: CasualtyClaim;
  claimant: string;
  rank: number;
  value: StatedValue | null;
}

function hear(said: Map<string, Said>, { claim, claimant, rank, value }: Heard): void {
  const { measure } = claim;
  // A role without a status is among those of unknown status.
  const part: Part = claim.status ?? (claim.role == null ? 'TOTAL' : 'UNKNOWN');
  const key = `${measure} ${part} ${claimant}`;
  const known = said.get(key);
  const current = known?.report === rank ? known : { measure, part, claimant, report: rank, ofRole: [] };
  if (value !== null) current.ofRole.push(value);
  said.set(key, current);
}

function amountsOf(claims: readonly Said[], estimator: Estimator | null): Amounts {
  const [{ measure, part }] = claims as [Said];
  const stated = claims.map((claim) => ({ ...claim, sum: sumOf(claim.ofRole) }));
  const known = stated.filter(({ sum }) => !sum.unknown);
  const counted = known.length > 0 ? known : stated;
  const his = counted.map(({ sum }) => sum.hi);
  const points = estimate(
    stated.map(({ sum, report, claimant }) => ({ value: sum.value, point: sum.point, report, key: claimant })),
  );
  return {
    measure,
    part,
    lo: Math.min(...counted.map(({ sum }) => sum.lo)),
    hi: his.includes(null) ? null : Math.max(...(his as number[])),
    point: estimator === null ? null : points[estimator],
    unknown: known.length === 0,
  };
}
