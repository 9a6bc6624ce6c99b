import type { Period } from './dimension.js';

const DAY_MS = 86_400_000;

/** How each period is named, where it begins, and where the next one does; all from civil dates. */
const RULES: Record<
  Period,
  { key: (first: string) => string; start: (day: string) => string; next: (first: string) => string }
> = {
  day: { key: (first) => first, start: (day) => day, next: (first) => addDays(first, 1) },
  week: { key: isoWeek, start: (day) => addDays(day, -weekday(day)), next: (first) => addDays(first, 7) },
  month: { key: (first) => first.slice(0, 7), start: monthOf, next: (first) => monthOf(addDays(first, 31)) },
  year: { key: (first) => first.slice(0, 4), start: yearOf, next: (first) => yearOf(addDays(first, 366)) },
};

/** The name of a period from its first day: `2018-10-02`, `2018-W40` (ISO week), `2018-10`, `2018`. */
export function periodKey(period: Period, firstDay: string): string {
  return RULES[period].key(firstDay);
}

/** First day of the period that holds a day. */
export function periodStart(period: Period, day: string): string {
  return RULES[period].start(day);
}

/** First day of the period after the one that begins on `firstDay`. */
export function nextPeriod(period: Period, firstDay: string): string {
  return RULES[period].next(firstDay);
}

/** Last day of the period that begins on `firstDay`. */
export function periodEnd(period: Period, firstDay: string): string {
  return addDays(nextPeriod(period, firstDay), -1);
}

/** ISO 8601: the week belongs to the year of its Thursday. */
function isoWeek(monday: string): string {
  const thursday = new Date(utc(monday) + 3 * DAY_MS);
  const year = thursday.getUTCFullYear();
  const first = new Date(0);
  first.setUTCFullYear(year, 0, 1);
  const week = Math.floor((thursday.getTime() - first.getTime()) / DAY_MS / 7) + 1;
  return `${String(year).padStart(4, '0')}-W${String(week).padStart(2, '0')}`;
}

/** 0 = Monday. */
function weekday(day: string): number {
  return (new Date(utc(day)).getUTCDay() + 6) % 7;
}

function utc(day: string): number {
  return Date.parse(`${day}T00:00:00.000Z`);
}

function monthOf(day: string): string {
  return `${day.slice(0, -2)}01`;
}

function yearOf(day: string): string {
  return `${day.slice(0, -5)}01-01`;
}

/** Beyond the year 9999 the text is longer (`+010000-01-01`): callers stop at what is no civil date any more. */
function addDays(day: string, days: number): string {
  return new Date(utc(day) + days * DAY_MS).toISOString().slice(0, -14);
}
