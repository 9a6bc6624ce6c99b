import { MEASURES, type Measure } from '#app/domain';
import { coarserPrecisions, type Period } from './dimension.js';
import type { FigureCell } from './figure-cell.js';

/** Figures of one measure in one group (contract §3). */
export interface MeasureSums {
  lo: number;
  /** Null: open, at least one incident has no upper bound. */
  hi: number | null;
  /** The sum over the incidents whose upper bound is known. */
  hiKnown: number;
  openIncidents: number;
  unknownIncidents: number;
  /** Incidents of the group without any claim on this measure: neither zero nor unknown. */
  silentIncidents: number;
  /** Null without an estimator, and where no incident has a value. */
  point: number | null;
  /** Incidents that speak of the measure, but without a value for the estimator; null without an estimator. */
  withoutPoint: number | null;
}

export interface PlacedOnlyTo {
  /** Incidents without any place in this boundary set. */
  nowhere: number;
  /** Known only to the country. */
  country: number;
  /** Known only to the first level; null where the answer does not look below it. */
  admin1: number | null;
}

/** Incidents dated more coarsely than the period of the grouping; null where the answer does not look below that. */
export interface DatedOnlyTo {
  week: number | null;
  month: number | null;
  year: number | null;
}

export interface GroupFigures {
  incidents: number;
  measures: Partial<Record<Measure, MeasureSums>>;
  publishers: string[];
  flags: Record<string, number>;
  placedOnlyTo: PlacedOnlyTo;
  datedOnlyTo: DatedOnlyTo;
}

/** What a group shows. */
export interface FigureShape {
  measures: readonly Measure[];
  hasEstimator: boolean;
  /** Whether the answer looks below the first level of areas. */
  isBelowAdmin1: boolean;
  /** The period that figures are grouped by. */
  period: Period | undefined;
}

interface Sums {
  speaking: number;
  lo: number;
  hi: number;
  open: number;
  unknown: number;
  point: number;
  valued: number;
}

/** Adds up the cells of one group. Cells of different groups never share an incident, so totals add up the same way. */
export class GroupSums {
  private incidents = 0;
  private readonly byMeasure = new Map<string, Sums>();
  private readonly publishers = new Set<string>();
  private readonly flags = new Map<string, number>();
  private readonly dated = { week: 0, month: 0, year: 0 };
  private readonly placed: PlacedOnlyTo & { admin1: number } = { nowhere: 0, country: 0, admin1: 0 };

  add(cell: FigureCell): void {
    if (cell.measure === 'INCIDENT') return this.addIncidents(cell);
    if (cell.measure === 'FLAG') {
      this.flags.set(cell.part, (this.flags.get(cell.part) ?? 0) + cell.incidents);
      return;
    }
    const sums = this.byMeasure.get(cell.measure) ?? {
      speaking: 0,
      lo: 0,
      hi: 0,
      open: 0,
      unknown: 0,
      point: 0,
      valued: 0,
    };
    sums.speaking += cell.incidents;
    sums.lo += cell.lo;
    sums.hi += cell.hi;
    sums.open += cell.open;
    sums.unknown += cell.unknown;
    sums.point += cell.point;
    sums.valued += cell.valued;
    this.byMeasure.set(cell.measure, sums);
  }

  private addIncidents(cell: FigureCell): void {
    this.incidents += cell.incidents;
    this.publishers.add(cell.publisher);
    this.placed.nowhere += cell.nowhere;
    this.placed.country += cell.countryOnly;
    this.placed.admin1 += cell.admin1Only;
    this.dated.week += cell.weekOnly;
    this.dated.month += cell.monthOnly;
    this.dated.year += cell.yearOnly;
  }

  figures({ measures, hasEstimator, isBelowAdmin1, period }: FigureShape): GroupFigures {
    const coarser = coarserPrecisions(period);
    return {
      incidents: this.incidents,
      measures: Object.fromEntries(measures.map((measure) => [measure, this.measure(measure, hasEstimator)])),
      publishers: [...this.publishers].toSorted(),
      flags: Object.fromEntries([...this.flags].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      placedOnlyTo: { ...this.placed, admin1: isBelowAdmin1 ? this.placed.admin1 : null },
      datedOnlyTo: {
        week: coarser.includes('WEEK') ? this.dated.week : null,
        month: coarser.includes('MONTH') ? this.dated.month : null,
        year: coarser.includes('YEAR') ? this.dated.year : null,
      },
    };
  }

  private measure(measure: Measure, hasEstimator: boolean): MeasureSums {
    const sums = this.byMeasure.get(measure) ?? { speaking: 0, lo: 0, hi: 0, open: 0, unknown: 0, point: 0, valued: 0 };
    return {
      lo: sums.lo,
      hi: sums.open > 0 ? null : sums.hi,
      hiKnown: sums.hi,
      openIncidents: sums.open,
      unknownIncidents: sums.unknown,
      silentIncidents: this.incidents - sums.speaking,
      point: hasEstimator && sums.valued > 0 ? sums.point : null,
      withoutPoint: hasEstimator ? sums.speaking - sums.valued : null,
    };
  }
}

/** The measures that an answer shows: those asked for, else all. */
export function shownMeasures(asked: readonly Measure[]): readonly Measure[] {
  return asked.length === 0 ? MEASURES : MEASURES.filter((measure) => asked.includes(measure));
}
