import { nextPeriod, type Period, periodKey } from '#app/read-models';
import type { ActivityPointDto } from './activity.dto.js';

export type SeriesPoint = Omit<ActivityPointDto, 'group' | 'end' | 'datedOnlyTo'> & { start: string; period: string };

/** Periods that the trailing mean looks back on: the twelve before, this one not among them (docs/reading.md). */
const TRAILING_PERIODS = 12;

/** A point for every period between two, those without incidents included: zero recorded incidents is a number here. */
export function fillPeriods(
  counts: ReadonlyMap<string, number>,
  interval: Period,
  first: string,
  last: string,
): [start: string, incidents: number][] {
  const points: [string, number][] = [];
  for (let start = first; start <= last && start.length === 10; start = nextPeriod(interval, start)) {
    points.push([start, counts.get(start) ?? 0]);
  }
  return points;
}

/** Each period compared with those before it in the whole series. */
export function describeSeries(points: readonly [start: string, incidents: number][], interval: Period): SeriesPoint[] {
  const values = points.map(([, incidents]) => incidents);
  return points.map(([start, incidents], index) => ({
    period: periodKey(interval, start),
    start,
    incidents,
    change: changeAt(values, index),
    trailingMean: trailingMeanAt(values, index),
    record: recordAt(points, index, interval),
  }));
}

function changeAt(values: readonly number[], index: number): SeriesPoint['change'] {
  const before = values[index - 1];
  if (before === undefined) return null;
  const absolute = (values[index] ?? 0) - before;
  return { absolute, percent: before === 0 ? null : round((absolute / before) * 100) };
}

function trailingMeanAt(values: readonly number[], index: number): SeriesPoint['trailingMean'] {
  const window = values.slice(Math.max(0, index - TRAILING_PERIODS), index);
  if (window.length === 0) return null;
  const mean = window.reduce((sum, value) => sum + value, 0) / window.length;
  return { periods: window.length, mean: round(mean), difference: round((values[index] ?? 0) - mean) };
}

/**
 * "Lowest since": the last period before that was as low or lower; at least one period lies between, else it is no
 * record. Likewise for the highest.
 */
function recordAt(
  points: readonly [start: string, incidents: number][],
  index: number,
  interval: Period,
): SeriesPoint['record'] {
  const value = points[index]?.[1] ?? 0;
  const before = points[index - 1]?.[1];
  if (before === undefined || before === value) return null;
  const isLowest = value < before;
  let since = index - 1;
  while (since >= 0) {
    const earlier = points[since]?.[1] ?? 0;
    if (isLowest ? earlier <= value : earlier >= value) break;
    since -= 1;
  }
  return {
    kind: isLowest ? 'lowest' : 'highest',
    since: since < 0 ? null : periodKey(interval, points[since]?.[0] ?? ''),
    periods: index - 1 - since,
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
