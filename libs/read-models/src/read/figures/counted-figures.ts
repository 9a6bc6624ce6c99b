import type { Estimator, Flag, MeasureFigure } from '#app/domain';
import { coarserPrecisions, type Dimension, isTooCoarse, type Period, periodOf, regionLevelOf } from './dimension.js';
import type { FigureCell } from './figure-cell.js';
import type { FigureRequest } from './figure-cells.js';
import type { IncidentFilter } from '../incidents/incident-filter.js';
import type { IncidentState } from '../incidents/incident-row.js';
import { periodStart } from './period-key.js';

/** What one incident adds to the figure of one measure (and status, where figures are grouped by it). */
export interface CountedFigure {
  measure: string;
  part: string;
  /** Parts of the toll in it; 1 but for several statuses taken together. */
  incidents: number;
  lo: number;
  /** 0 where open: a sum of known upper bounds goes on without it. */
  hi: number;
  open: number;
  unknown: number;
  point: number;
  valued: number;
}

/** Several statuses at once, not told apart: parts are added up per incident first. */
export function isJoint({ filter, dimensions }: Pick<FigureRequest, 'filter' | 'dimensions'>): boolean {
  return filter.statuses.length > 1 && !dimensions.includes('status');
}

/**
 * What an incident adds to the figures that a request shows: the rule of figure-cells.sql.ts for one incident, for what
 * is folded or explained at query time. A test compares the two on random filters.
 */
export function countedFigures(
  state: Pick<IncidentState, 'measures'>,
  request: Pick<FigureRequest, 'filter' | 'dimensions' | 'estimator'>,
): CountedFigure[] {
  const { filter, dimensions, estimator } = request;
  const isByStatus = dimensions.includes('status');
  const figures = state.measures.filter(({ measure, part }) => {
    if (filter.measures.length > 0 && !filter.measures.includes(measure)) return false;
    if (filter.statuses.length > 0) return part !== 'TOTAL' && filter.statuses.includes(part);
    return isByStatus ? part !== 'TOTAL' : part === 'TOTAL';
  });
  const counted = figures.map((figure) => countedFigure(figure, estimator));
  return isJoint(request) ? jointly(counted) : counted;
}

function countedFigure({ measure, part, lo, hi, unknown, points }: MeasureFigure, estimator: Estimator | null) {
  const point = estimator === null ? null : points[estimator];
  const open = hi === null ? 1 : 0;
  return {
    measure,
    part,
    incidents: 1,
    lo,
    hi: hi ?? 0,
    open,
    unknown: unknown ? 1 : 0,
    point: point ?? 0,
    valued: point === null ? 0 : 1,
  };
}

function jointly(figures: readonly CountedFigure[]): CountedFigure[] {
  const byMeasure = new Map<string, CountedFigure[]>();
  for (const figure of figures) byMeasure.set(figure.measure, [...(byMeasure.get(figure.measure) ?? []), figure]);
  return [...byMeasure].map(([measure, parts]) => {
    const sum = (of: (figure: CountedFigure) => number): number => parts.reduce((total, part) => total + of(part), 0);
    const isOpen = sum(({ open }) => open) > 0;
    const isValued = sum(({ valued }) => valued) >= parts.length;
    return {
      measure,
      part: 'SELECTED',
      incidents: 1,
      lo: sum(({ lo }) => lo),
      hi: isOpen ? 0 : sum(({ hi }) => hi),
      open: isOpen ? 1 : 0,
      unknown: sum(({ unknown }) => unknown) >= parts.length ? 1 : 0,
      point: isValued ? sum(({ point }) => point) : 0,
      valued: isValued ? 1 : 0,
    };
  });
}

const NO_FIGURES = { incidents: 0, lo: 0, hi: 0, open: 0, unknown: 0, point: 0, valued: 0 };
/** The numbers of a cell that counts nothing. */
const NO_CELL = {
  ...NO_FIGURES,
  nowhere: 0,
  countryOnly: 0,
  admin1Only: 0,
  weekOnly: 0,
  monthOnly: 0,
  yearOnly: 0,
};

/** The cells of one incident that counts, none where the boundary set does not place it. */
export function cellsOfIncident(state: IncidentState, request: FigureRequest): FigureCell[] {
  const placement = state.placements[request.filter.boundary];
  if (placement === undefined) return [];
  const key = cellKey(state, request);
  const { country, admin1, admin2 } = placement;
  const coarser = coarserPrecisions(periodOf(request.dimensions));
  const isDatedTo = (precision: string): number =>
    state.timePrecision === precision && coarser.includes(precision) ? 1 : 0;
  const cells: FigureCell[] = [
    {
      ...NO_CELL,
      ...key,
      measure: 'INCIDENT',
      part: 'TOTAL',
      incidents: 1,
      nowhere: country === null ? 1 : 0,
      countryOnly: country !== null && admin1 === null ? 1 : 0,
      admin1Only: admin1 !== null && admin2 === null ? 1 : 0,
      weekOnly: isDatedTo('WEEK'),
      monthOnly: isDatedTo('MONTH'),
      yearOnly: isDatedTo('YEAR'),
    },
  ];
  if (request.onlyIncidents === true) return cells;
  for (const flag of state.flags)
    cells.push({ ...NO_CELL, ...key, measure: 'FLAG', part: flag satisfies Flag, incidents: 1 });
  for (const figure of countedFigures(state, request)) cells.push({ ...NO_CELL, ...key, ...figure });
  return cells;
}

type CellKey = Omit<FigureCell, keyof typeof NO_CELL | 'measure' | 'part'>;

/** The group in which an incident counts. */
export function cellKey(
  state: IncidentState,
  { filter, dimensions }: Pick<FigureRequest, 'filter' | 'dimensions'>,
): CellKey {
  const placement = state.placements[filter.boundary];
  const level = regionLevelOf(dimensions);
  const period = periodOf(dimensions);
  const has = (dimension: Dimension): boolean => dimensions.includes(dimension);
  return {
    period: period === undefined ? null : periodOfIncident(state, period, filter),
    country: level === undefined ? '' : (placement?.country ?? ''),
    admin1: level === 'admin1' || level === 'admin2' ? (placement?.admin1 ?? '') : '',
    admin2: level === 'admin2' ? (placement?.admin2 ?? '') : '',
    incidentType: has('incidentType') ? state.incidentType : '',
    weapon: has('weapon') ? state.weaponGroup : '',
    verification: has('verification') ? state.verification : '',
    publisher: state.publisher,
  };
}

/** First day of the period in which an incident counts; null where its date is coarser than the period. */
function periodOfIncident(
  { startDate, endDate, timePrecision }: IncidentState,
  period: Period,
  { dateRule, from }: IncidentFilter,
): string | null {
  if (isTooCoarse(timePrecision, period)) return null;
  const first = dateRule === 'overlap' && from !== null && from > startDate ? from : startDate;
  return periodStart(period, dateRule === 'end' ? endDate : first);
}

/** Adds cells up by group, publisher, measure and part, as the database does. */
export class CellSums {
  readonly #cells = new Map<string, FigureCell>();

  get size(): number {
    return this.#cells.size;
  }

  add(cell: FigureCell): void {
    this.#add(cell, 1);
  }

  subtract(cell: FigureCell): void {
    this.#add(cell, -1);
  }

  #add(cell: FigureCell, sign: 1 | -1): void {
    const { period, country, admin1, admin2, incidentType, weapon, verification, publisher, measure, part } = cell;
    const key = [period, country, admin1, admin2, incidentType, weapon, verification, publisher, measure, part].join(
      '\u0000',
    );
    let sum = this.#cells.get(key);
    if (sum === undefined) this.#cells.set(key, (sum = { ...cell, ...NO_CELL }));
    for (const name in NO_CELL) sum[name as keyof typeof NO_CELL] += sign * cell[name as keyof typeof NO_CELL];
  }

  cells(): FigureCell[] {
    return [...this.#cells.values()];
  }
}
