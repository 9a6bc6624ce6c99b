import { Problem } from '#app/http-edge';
import {
  type Dimension,
  type FigureCell,
  GroupSums,
  type IncidentFilter,
  type OpenCandidates,
  type Period,
  periodEnd,
  periodStart,
  type Publication,
  readOpenCandidates,
} from '#app/read-models';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { type Pinned, pin } from '../asking/pin.js';
import { resolvePublication } from '../asking/publication.js';
import { resolveFilter } from '../asking/resolve-filter.js';
import type { GroupKeyDto } from '../casualties/casualties.dto.js';
import { assertDimensions, readCells } from '../casualties/get-casualties.handler.js';
import { groupKey, sortKey } from '../casualties/group-keys.js';
import { ReadDatabase } from '../database/read-database.js';
import type { ActivityParameters, ActivityPointDto } from './activity.dto.js';
import { describeSeries, fillPeriods } from './series.js';

export interface Activity {
  pinned: Pinned;
  interval: Period;
  points: ActivityPointDto[];
  publication: Publication | null;
  candidates: OpenCandidates;
}

/** Incidents over time. */
export class ListActivity extends Query<Activity> {
  constructor(
    readonly asked: ActivityParameters,
    readonly position?: number,
  ) {
    super();
  }
}

const POINTS_MAX = 100_000;

interface Series {
  group: GroupKeyDto;
  /** By first day of the period. */
  counts: Map<string, GroupSums>;
  /** Incidents dated too coarsely for the interval. */
  undated: GroupSums;
}

@QueryHandler(ListActivity)
export class ListActivityHandler implements IQueryHandler<ListActivity> {
  constructor(private readonly database: ReadDatabase) {}

  execute({ asked, position }: ListActivity): Promise<Activity> {
    const interval = asked.interval ?? 'month';
    const series = asked.groupBy ?? [];
    assertDimensions(series);
    return this.database.read(async (tx) => {
      const pinned = await pin(tx, asked, position);
      const filter = await resolveFilter(tx, asked, pinned);
      const publication = await resolvePublication(tx, asked.publishedUntil, pinned);
      const read = (part: IncidentFilter): Promise<FigureCell[]> =>
        readCells(tx, pinned, {
          filter: part,
          dimensions: [interval, ...series],
          estimator: null,
          publication,
          onlyIncidents: true,
          onlySpeaking: filter.measures.length > 0 || filter.statuses.length > 0,
        });
      const from = filter.from === null ? null : periodStart(interval, filter.from);
      const shown = await read(filter);
      const before = filter.from === null ? [] : await read(historyOf(filter, filter.from));
      const past = before.filter(({ period }) => period !== null && from !== null && period < from);
      return {
        pinned,
        interval,
        publication,
        candidates: await readOpenCandidates(tx, pinned.asOf, filter, publication),
        points: pointsOf(gatherSeries([...past, ...shown], series), { interval, from, to: filter.to }),
      };
    });
  }
}

/** What came before `from`: "lowest since" and the trailing mean look back beyond what is shown. */
function historyOf(filter: IncidentFilter, from: string): IncidentFilter {
  const dayBefore = new Date(Date.parse(`${from}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
  // Of `overlap`, each incident counts in the period of its start, so that none counts twice.
  return { ...filter, from: null, to: dayBefore, dateRule: filter.dateRule === 'overlap' ? 'start' : filter.dateRule };
}

function gatherSeries(cells: readonly FigureCell[], dimensions: readonly Dimension[]): Series[] {
  const byKey = new Map<string, Series>();
  for (const cell of cells) {
    const group = groupKey(cell, dimensions);
    const key = sortKey(group, dimensions);
    const series = byKey.get(key) ?? { group, counts: new Map<string, GroupSums>(), undated: new GroupSums() };
    byKey.set(key, series);
    const sums = cell.period === null ? series.undated : (series.counts.get(cell.period) ?? new GroupSums());
    sums.add(cell);
    if (cell.period !== null) series.counts.set(cell.period, sums);
  }
  return [...byKey].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, series]) => series);
}

interface Range {
  interval: Period;
  from: string | null;
  to: string | null;
}

function pointsOf(all: readonly Series[], { interval, from, to }: Range): ActivityPointDto[] {
  const starts = all.flatMap(({ counts }) => [...counts.keys()]).toSorted();
  const first = starts[0];
  const points: ActivityPointDto[] = [];
  const shown = (sums: GroupSums | undefined): Pick<ActivityPointDto, 'incidents' | 'datedOnlyTo'> => {
    const { incidents, datedOnlyTo } = (sums ?? new GroupSums()).figures({ ...NO_MEASURES, period: interval });
    return { incidents, datedOnlyTo };
  };
  for (const { group, counts, undated } of all) {
    if (first !== undefined) {
      const last = to === null ? (starts.at(-1) ?? first) : periodStart(interval, to);
      assertFewPoints(interval, { first, last, series: all.length });
      const numbers = new Map([...counts].map(([start, sums]) => [start, shown(sums).incidents]));
      for (const point of describeSeries(fillPeriods(numbers, interval, first, last), interval)) {
        if (from !== null && point.start < from) continue;
        points.push({ group, ...point, ...shown(counts.get(point.start)), end: periodEnd(interval, point.start) });
      }
    }
    const apart = shown(undated);
    if (apart.incidents > 0) points.push({ group, ...UNDATED, ...apart });
  }
  return points;
}

const NO_MEASURES = { measures: [], hasEstimator: false, isBelowAdmin1: false };
const UNDATED = { period: null, start: null, end: null, change: null, trailingMean: null, record: null };

const DAYS: Record<Period, number> = { day: 1, week: 7, month: 28, year: 365 };

function assertFewPoints(interval: Period, range: { first: string; last: string; series: number }): void {
  const days = (Date.parse(range.last) - Date.parse(range.first)) / 86_400_000;
  if ((days / DAYS[interval]) * range.series > POINTS_MAX) {
    throw new Problem('TOO_MANY_GROUPS', 'too many periods; ask for a shorter time or a longer interval');
  }
}
