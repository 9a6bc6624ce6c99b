import { conversionPolicy1 } from '../claims/conversion-policy-1.js';
import { MEASURES, type Flag } from '../enumerations.js';
import type { PublicReport } from './report.js';
import { PARTS, standingClaims, valueOf } from '../claims/standing-claims.js';

/**
 * Flags that a report earns by itself, recorded with it (domain fold 10). INTERVAL_INCONSISTENT: a claim that is not
 * lo ≤ point ≤ hi, or parts of one claimant whose sum is above its own total. CROSSES_PERIOD: it started and ended in
 * different months. Nothing is altered (rule 11). Only numbers that the publisher gives can be inconsistent, so the
 * flags do not depend on the conversion policy.
 */
export function checkReport(report: PublicReport): Flag[] {
  const flags: Flag[] = [];
  if (isIntervalInconsistent(report)) flags.push('INTERVAL_INCONSISTENT');
  if (report.occurred.start.slice(0, 7) !== report.occurred.end.slice(0, 7)) flags.push('CROSSES_PERIOD');
  return flags;
}

function isIntervalInconsistent(report: PublicReport): boolean {
  const casualties = report.casualties?.filter(({ value }) => value.qualifier !== 'VAGUE' || isNumbered(value));
  if (!casualties || casualties.length === 0) return false;
  const { cells, keys } = standingClaims([{ ...report, casualties }], conversionPolicy1);
  for (let m = 0; m < MEASURES.length; m++) {
    for (let c = 0; c < keys.length; c++) {
      let partsLo = 0;
      for (let p = 0; p < PARTS.length; p++) {
        const standing = cells[m * PARTS.length + p]?.[c];
        if (!standing) continue;
        const value = valueOf(standing);
        if (value.inconsistent) return true;
        if (p > 0) partsLo += value.lo;
      }
      const total = cells[m * PARTS.length]?.[c]?.plain;
      if (total && total.hi !== null && partsLo > total.hi) return true;
    }
  }
  return false;
}

function isNumbered(value: { lo?: number | null; hi?: number | null }): boolean {
  return value.lo != null || value.hi != null;
}
