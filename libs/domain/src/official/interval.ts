import type { ConversionPolicy } from '../claims/conversion-policy.js';
import type { ClaimedValue } from '../report/report.js';
import { readValue } from '../claims/stated-value.js';

/** An amount between two bounds. `lo: null` = nothing bounds it from below, `hi: null` = open. */
export interface Interval {
  lo: number | null;
  hi: number | null;
}

const ZERO: Interval = { lo: 0, hi: 0 };

/** What a publisher's number says: bounds as given, vague words by the policy, an unknown one 0…open. */
export function intervalOf(value: ClaimedValue, policy: ConversionPolicy): Interval {
  const { lo, hi } = readValue(value, 'KILLED', null, policy);
  return { lo, hi };
}

/** The one number that is taken of it for comparing periods (contract §3: point, else lo when open, else midpoint); null: none. */
export function numberOf(value: ClaimedValue, policy: ConversionPolicy): number | null {
  return readValue(value, 'KILLED', null, policy).value;
}

export function plus(a: Interval, b: Interval): Interval {
  return { lo: add(a.lo, b.lo), hi: add(a.hi, b.hi) };
}

/** a − b, whatever each of them really is: a bound is null where nothing bounds the difference. May be negative. */
export function minus(a: Interval, b: Interval): Interval {
  return { lo: subtract(a.lo, b.hi), hi: subtract(a.hi, b.lo) };
}

/** What people can be: never fewer than none. */
export function notNegative({ lo, hi }: Interval): Interval {
  return { lo: Math.max(0, lo ?? 0), hi: hi === null ? null : Math.max(0, hi) };
}

function sumOfIntervals(intervals: readonly Interval[]): Interval {
  return intervals.reduce(plus, ZERO);
}

function add(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}

function subtract(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a - b;
}

export const UNALLOCATED_FLAGS = ['PARTS_EXCEED_TOTAL', 'PARTS_MAY_EXCEED_TOTAL'] as const;
export type UnallocatedFlag = (typeof UNALLOCATED_FLAGS)[number];

export interface Unallocated extends Interval {
  flags: UnallocatedFlag[];
}

/**
 * What a published total leaves over when the parts that are published with it are taken away: shown, never spread over
 * areas (domain rule 7). Without parts it is the whole. Parts that are together above the total leave a negative amount,
 * which is flagged and not altered (rules 5 and 11).
 */
export function unallocatedOf(
  total: ClaimedValue,
  parts: readonly ClaimedValue[],
  policy: ConversionPolicy,
): Unallocated {
  const left = minus(intervalOf(total, policy), sumOfIntervals(parts.map((part) => intervalOf(part, policy))));
  return { ...left, flags: flagsOf(left) };
}

function flagsOf({ lo, hi }: Interval): UnallocatedFlag[] {
  if (hi !== null && hi < 0) return ['PARTS_EXCEED_TOTAL'];
  return lo !== null && lo < 0 ? ['PARTS_MAY_EXCEED_TOTAL'] : [];
}
