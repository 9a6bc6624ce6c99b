import type { DateRule } from '../incidents/incident-filter.js';

/** What figures can be grouped by (contract §3). */
export const DIMENSIONS = [
  'region:country',
  'region:admin1',
  'region:admin2',
  'day',
  'week',
  'month',
  'year',
  'incidentType',
  'weapon',
  'status',
  'publisher',
  'verification',
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

export const PERIODS = ['day', 'week', 'month', 'year'] as const;
export type Period = (typeof PERIODS)[number];

export const REGION_LEVELS = ['country', 'admin1', 'admin2'] as const;
export type RegionLevel = (typeof REGION_LEVELS)[number];

export function isPeriod(dimension: Dimension): dimension is Period {
  return (PERIODS as readonly string[]).includes(dimension);
}

export function periodOf(dimensions: readonly Dimension[]): Period | undefined {
  return PERIODS.find((period) => dimensions.includes(period));
}

export function regionLevelOf(dimensions: readonly Dimension[]): RegionLevel | undefined {
  return REGION_LEVELS.find((level) => dimensions.includes(`region:${level}`));
}

/**
 * Precisions that are too coarse for a period: such an incident counts, but in no day (rule 8 of domain.md). One that
 * is dated to a year stands in the month in which it starts, and is counted there as dated only to a year.
 */
const TOO_COARSE: Record<Period, readonly string[]> = {
  day: ['WEEK', 'MONTH', 'YEAR'],
  week: ['MONTH', 'YEAR'],
  month: [],
  year: [],
};

/** Precisions that a period is finer than: how many incidents have one is said beside the figures (rule 8 of domain.md). */
const COARSER: Record<Period, readonly string[]> = {
  day: ['WEEK', 'MONTH', 'YEAR'],
  week: ['MONTH', 'YEAR'],
  month: ['YEAR'],
  year: [],
};

/** The time precisions that are coarser than the period of a grouping. */
export function coarserPrecisions(period: Period | undefined): readonly string[] {
  return period === undefined ? [] : COARSER[period];
}

/** Whether figures say beside them how many incidents are dated only to a year. */
export function tellsYear({ dimensions }: { dimensions: readonly Dimension[] }): boolean {
  return coarserPrecisions(periodOf(dimensions)).includes('YEAR');
}

/** Whether an incident that is dated so coarsely stands in no period of this length. */
export function isTooCoarse(timePrecision: string, period: Period): boolean {
  return TOO_COARSE[period].includes(timePrecision);
}

/** Whether grouping so needs each incident's own state. */
export function dimensionNeedsVersion(dimension: Dimension, dateRule: DateRule): boolean {
  if (dimension === 'weapon' || dimension === 'day' || dimension === 'week') return true;
  return dateRule !== 'start' && (dimension === 'month' || dimension === 'year');
}

/**
 * The period's first day as SQL, null where the incident's date is coarser than the period.
 *
 * @param from placeholder of the reader's `from`: with `overlap` an incident that began before counts in its first period
 */
export function periodExpression(period: Period, dateRule: DateRule, from: string | null): string {
  const date =
    dateRule === 'end'
      ? 'v.end_date'
      : dateRule === 'overlap'
        ? from === null
          ? 'v.start_date'
          : `greatest(v.start_date, ${from}::date)`
        : 'p.start_date';
  if (period === 'month' && dateRule === 'start') return 'p.month';
  const first = period === 'day' ? date : `date_trunc('${period}', ${date}::timestamp)::date`;
  const coarse = TOO_COARSE[period].map((precision) => `'${precision}'`).join(', ');
  return coarse === '' ? first : `CASE WHEN v.time_precision IN (${coarse}) THEN NULL ELSE ${first} END`;
}
