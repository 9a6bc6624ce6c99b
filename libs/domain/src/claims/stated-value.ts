import { type ConversionPolicy, readPhrase } from './conversion-policy.js';
import type { Measure } from '../enumerations.js';
import type { ClaimedValue } from '../report/report.js';

/** One claimed number as the fold counts it. `hi: null` = open; lo may be above hi where the publisher says so. */
export interface StatedValue {
  lo: number;
  hi: number | null;
  /** What the estimators take of it (contract §3); null for an unknown number. */
  value: number | null;
  /** The publisher's own best figure. */
  point: number | null;
  unknown: boolean;
  phraseUnknown: boolean;
  /** Not lo ≤ point ≤ hi as given. Such numbers count as given (domain rule 11). */
  inconsistent: boolean;
}

/** Reads a claimed value under a policy: numbers as given, vague words by the policy (domain fold 4). */
export function readValue(
  given: ClaimedValue,
  measure: Measure,
  language: string | null | undefined,
  policy: ConversionPolicy,
): StatedValue {
  if (given.qualifier === 'NONE_REPORTED') return stated(0, 0, given.point ?? null, false);
  if (given.qualifier === 'UNKNOWN') return unknownValue(measure);
  const point = given.point ?? null;
  const lo = given.lo ?? null;
  const hi = given.hi ?? null;
  if (lo === null && hi === null) {
    if (given.qualifier === 'VAGUE') {
      const read = readPhrase(given.phrase, language, policy);
      return stated(read.lo, read.hi, point, !read.known);
    }
    if (point !== null) return stated(point, point, point, false);
  }
  return stated(lo ?? 0, hi, point, false);
}

/** Whoever says that a number is unknown has none: bounds beside it do not count (domain fold 4). */
function unknownValue(measure: Measure): StatedValue {
  const lo = measure === 'CASUALTIES_UNSPECIFIED' ? 1 : 0;
  return { lo, hi: null, value: null, point: null, unknown: true, phraseUnknown: false, inconsistent: false };
}

function stated(lo: number, hi: number | null, point: number | null, phraseUnknown: boolean): StatedValue {
  return {
    lo,
    hi,
    value: estimatedValue(lo, hi, point),
    point,
    unknown: false,
    phraseUnknown,
    inconsistent: isInconsistent(lo, hi, point),
  };
}

/** Not lo ≤ point ≤ hi (domain fold 10). */
function isInconsistent(lo: number, hi: number | null, point: number | null): boolean {
  if (hi !== null && lo > hi) return true;
  return point !== null && (point < lo || (hi !== null && point > hi));
}

/** The one value of a claimant (contract §3): the point, else lo when open, else the midpoint rounded down. */
function estimatedValue(lo: number, hi: number | null, point: number | null): number {
  return point ?? (hi === null ? lo : Math.floor((lo + hi) / 2));
}

/** The sum of values of disjoint parts: open when any is, unknown when all are, with a point when all have one. */
export function sumOf(values: readonly StatedValue[]): StatedValue {
  let lo = 0;
  let hi: number | null = 0;
  let point: number | null = 0;
  let unknown = true;
  let phraseUnknown = false;
  let inconsistent = false;
  for (const each of values) {
    lo += each.lo;
    hi = hi === null || each.hi === null ? null : hi + each.hi;
    point = point === null || each.point === null ? null : point + each.point;
    unknown &&= each.unknown;
    phraseUnknown ||= each.phraseUnknown;
    inconsistent ||= each.inconsistent;
  }
  const value = unknown ? null : estimatedValue(lo, hi, point);
  return { lo, hi, value, point: unknown ? null : point, unknown, phraseUnknown, inconsistent };
}

/** Two numbers that one claimant gives for the same thing in the same report: both stand, as one interval. */
export function unionOf(a: StatedValue, b: StatedValue): StatedValue {
  if (a.unknown !== b.unknown) return a.unknown ? b : a;
  const lo = Math.min(a.lo, b.lo);
  const hi = a.hi === null || b.hi === null ? null : Math.max(a.hi, b.hi);
  const point = a.point === b.point ? a.point : null;
  return {
    lo,
    hi,
    value: a.unknown ? null : estimatedValue(lo, hi, point),
    point,
    unknown: a.unknown,
    phraseUnknown: a.phraseUnknown || b.phraseUnknown,
    inconsistent: a.inconsistent || b.inconsistent,
  };
}
