import type { Period } from './dimension.js';

const DAY_MS = 86_400_000;

/** The name of a period from its first day: `2018-10-02`, `2018-W40` (ISO week), `2018-10`, `2018`. */
export function periodKey(period: Period, firstDay: string): string {
  switch (period) {
    case 'day':
      return firstDay;
    case 'week':
      return isoWeek(firstDay);
    case 'month':
      return firstDay.slice(0, 7);
    case 'year':
      return firstDay.slice(0, 4);
  }
}

/** First day of the period that holds a day. */
export function periodStart(period: Period, day: string): string {
  switch (period) {
    case 'day':
      return day;
    case 'week':
      return civil(utc(day) - weekday(day) * DAY_MS);
    case 'month':
      return `${day.slice(0, 7)}-01`;
    case 'year':
      return `${day.slice(0, 4)}-01-01`;
  }
}

/** First day of the period after the one that begins on `firstDay`. */
export function nextPeriod(period: Period, firstDay: string): string {
  switch (period) {
    case 'day':
      return civil(utc(firstDay) + DAY_MS);
    case 'week':
      return civil(utc(firstDay) + 7 * DAY_MS);
    case 'month':
      return periodStart('month', civil(utc(firstDay) + 31 * DAY_MS));
    case 'year':
      return periodStart('year', civil(utc(firstDay) + 366 * DAY_MS));
  }
}

/** Last day of the period that begins on `firstDay`. */
export function periodEnd(period: Period, firstDay: string): string {
  return civil(utc(nextPeriod(period, firstDay)) - DAY_MS);
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

function civil(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
