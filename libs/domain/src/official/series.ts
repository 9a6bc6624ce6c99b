import type { Period } from './messages.js';

/** The steps in which a series is published. A period that is none of them has no neighbours, so none can be missing. */
export type SeriesStep = 'month' | 'quarter' | 'year' | 'week' | 'day';

/** So many missing periods are listed: a series with a wrong date must not fill an answer. */
const MISSING_MAX = 1_000;

/** One number of a series. */
export interface SeriesNumber {
  period: Period;
  /** Null: published as unknown, which is no number to compare with. */
  value: number | null;
}

/** How a number stands among those of its series that are present at one moment. */
export interface SeriesRecord {
  /** The latest period before that is as low (high) or lower (higher); null: none, it is the lowest of all before. */
  since: SeriesNumber | null;
  /** No period that is present, later ones included, is as low or lower. */
  isOfAllPresent: boolean;
  /** The first later period that is as low (high) or lower (higher). */
  overtakenBy: SeriesNumber | null;
  /** Periods with a number between `since` (or the beginning) and this one: what it was compared with. */
  comparedPeriods: number;
  /**
   * Periods in between without a number, which nobody can compare with: their first days. Null where the series follows
   * no calendar step. The first MISSING_MAX where there are more.
   */
  missingPeriods: string[] | null;
  hasMoreMissing: boolean;
}

/**
 * "Lowest since …" of one period (domain rule 7), from what is present: an assertion of this ledger about the numbers
 * it has, not about the world. Null where the period before it has a number that is as low or lower, where there is none
 * before, and where the period itself has no number.
 *
 * @param series numbers of periods of one length (`lengthOf`), by their start
 */
export function recordOf(kind: 'lowest' | 'highest', at: Period, series: readonly SeriesNumber[]): SeriesRecord | null {
  const numbers = series.filter(({ value }) => value !== null);
  const own = numbers.find(({ period }) => period.start === at.start && period.end === at.end);
  if (own === undefined) return null;
  const value = own.value as number;
  const isBeaten = ({ value: other }: SeriesNumber): boolean =>
    kind === 'lowest' ? (other as number) <= value : (other as number) >= value;
  const before = numbers.filter(({ period }) => period.start < at.start);
  const later = numbers.filter(({ period }) => period.start > at.start);
  const since = before.findLast(isBeaten) ?? null;
  const compared = since === null ? before : before.slice(before.indexOf(since) + 1);
  if (compared.length === 0) return null;
  const overtakenBy = later.find(isBeaten) ?? null;
  const first = since ?? (before[0] as SeriesNumber);
  const missing = missingBetween(first.period, at, numbers);
  return {
    since,
    isOfAllPresent: since === null && overtakenBy === null,
    overtakenBy,
    comparedPeriods: compared.length,
    missingPeriods: missing?.slice(0, MISSING_MAX) ?? null,
    hasMoreMissing: missing !== null && missing.length > MISSING_MAX,
  };
}

function missingBetween(first: Period, last: Period, present: readonly SeriesNumber[]): string[] | null {
  const step = stepOf(last);
  if (step === null) return null;
  const known = new Set(present.map(({ period }) => period.start));
  const missing: string[] = [];
  for (
    let start = next(first.start, step);
    start < last.start && missing.length <= MISSING_MAX;
    start = next(start, step)
  ) {
    if (!known.has(start)) missing.push(start);
  }
  return missing;
}

/** The calendar step that a period is one of; null: none. */
export function stepOf({ start, end }: Period): SeriesStep | null {
  const steps: SeriesStep[] = ['month', 'quarter', 'year', 'week', 'day'];
  return steps.find((step) => isBeginOf(step, start) && civil(nextInstant(start, step) - DAY_MS) === end) ?? null;
}

/** Periods that can be compared have the same one: months with months, whatever their days. */
export function lengthOf(period: Period): string {
  return stepOf(period) ?? `${(instant(period.end) - instant(period.start)) / DAY_MS + 1} days`;
}

function isBeginOf(step: SeriesStep, start: string): boolean {
  const [, month = '', day = ''] = start.split('-');
  if (step === 'day' || step === 'week') return true;
  if (day !== '01') return false;
  return step === 'month' || (step === 'year' ? month === '01' : (Number(month) - 1) % 3 === 0);
}

const DAY_MS = 86_400_000;
const MONTHS = { month: 1, quarter: 3, year: 12 } as const;

function next(start: string, step: SeriesStep): string {
  return civil(nextInstant(start, step));
}

function nextInstant(start: string, step: SeriesStep): number {
  if (step === 'day' || step === 'week') return instant(start) + (step === 'day' ? 1 : 7) * DAY_MS;
  const date = new Date(instant(start));
  return date.setUTCMonth(date.getUTCMonth() + MONTHS[step]);
}

const instant = (date: string): number => Date.parse(`${date}T00:00:00Z`);
const civil = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
