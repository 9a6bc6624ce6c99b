import type { Estimator } from '#app/domain';
import type { EntityManager } from 'typeorm';
import { tablesOfGeneration } from '../project/tables.js';
import type { AsOf } from './as-of.js';
import {
  type Dimension,
  dimensionNeedsVersion,
  isPeriod,
  type Period,
  periodExpression,
  periodOf,
} from './dimension.js';
import { type CellRow, type FigureCell, toCell } from './figure-cell.js';
import {
  balanceCells,
  type CellQuery,
  type DimensionColumn,
  jointPartCells,
  pointColumns,
  postingCells,
} from './figure-cells.sql.js';
import {
  cellConditions,
  countedConditions,
  type IncidentFilter,
  needsVersion,
  sharedConditions,
  speaksConditions,
  versionConditions,
  versionDates,
} from './incident-filter.js';
import { SqlParameters } from './sql-parameters.js';

/** Where figures are read from. All three give the same numbers (architecture §4). */
export type FigureSource = 'balances' | 'postings' | 'postings and versions';

export interface FigureRequest {
  filter: IncidentFilter;
  dimensions: readonly Dimension[];
  estimator: Estimator | null;
  /** Only incidents that say something on the filter's measures and statuses; else these choose figures, not incidents. */
  onlySpeaking?: boolean;
  /** Leave the figures out: only incidents and flags are counted. */
  onlyIncidents?: boolean;
}

/** More rows than this are refused: the reader asked for more groups than anybody reads. */
export const CELLS_MAX = 100_000;

/** The finest source that answers: balances where their grain is enough, postings otherwise, versions where needed. */
export function chooseSource(request: FigureRequest, asOf: AsOf): FigureSource {
  const { filter, dimensions } = request;
  if (
    needsVersion(filter) ||
    request.onlySpeaking === true ||
    dimensions.some((dimension) => dimensionNeedsVersion(dimension, filter.dateRule))
  ) {
    return 'postings and versions';
  }
  const fitsBalances =
    !asOf.isSettled &&
    !isJoint(request) &&
    !dimensions.includes('region:admin2') &&
    filter.regions.every(({ level }) => level !== 'admin2') &&
    (filter.from === null || filter.from.endsWith('-01')) &&
    (filter.to === null || isLastOfMonth(filter.to));
  return fitsBalances ? 'balances' : 'postings';
}

/**
 * Reads the cells of a grouping as of a position.
 *
 * @param source must be one that can answer; `chooseSource` says which (tests compare them)
 * @returns null when there are more than CELLS_MAX
 */
export async function readFigureCells(
  tx: EntityManager,
  asOf: AsOf,
  request: FigureRequest,
  source: FigureSource = chooseSource(request, asOf),
): Promise<FigureCell[] | null> {
  const parameters = new SqlParameters();
  const text =
    source === 'balances' ? balanceText(asOf, request, parameters) : postingText(asOf, request, source, parameters);
  const rows = await tx.query<CellRow[]>(text, parameters.values);
  return rows.length > CELLS_MAX ? null : rows.map(toCell);
}

/** Several statuses at once, not told apart: parts are added up per incident first. */
function isJoint({ filter, dimensions }: FigureRequest): boolean {
  return filter.statuses.length > 1 && !dimensions.includes('status');
}

function balanceText(asOf: AsOf, request: FigureRequest, parameters: SqlParameters): string {
  const { filter } = request;
  const conditions = [
    ...cellConditions('p', filter, parameters),
    ...(filter.from === null ? [] : [`p.month >= ${parameters.add(filter.from)}::date`]),
    ...(filter.to === null ? [] : [`p.month <= ${parameters.add(filter.to)}::date`]),
    ...sharedConditions('p', filter, parameters),
    ...countedConditions('p', filter, parameters),
    partCondition(request, parameters),
  ];
  const period = periodOf(request.dimensions);
  const month = period === 'year' ? `date_trunc('year', p.month::timestamp)::date` : 'p.month';
  return balanceCells(cellQuery(asOf, request, { conditions, date: month }, parameters));
}

function postingText(
  asOf: AsOf,
  request: FigureRequest,
  source: 'postings' | 'postings and versions',
  parameters: SqlParameters,
): string {
  const { filter, dimensions } = request;
  const position = parameters.add(asOf.position);
  const isJoined = source === 'postings and versions';
  const conditions = [
    ...cellConditions('p', filter, parameters),
    `p.position <= ${position}::bigint`,
    ...(filter.dateRule === 'start' ? startDates(filter, parameters) : versionDates(filter, parameters)),
    ...sharedConditions('p', filter, parameters),
    ...countedConditions('p', filter, parameters),
    ...(isJoined ? versionConditions(filter, parameters) : []),
    ...(request.onlySpeaking === true ? speaksConditions(filter, parameters) : []),
    partCondition(request, parameters),
  ];
  const version = isJoined
    ? `v.incident_id = p.incident_id AND v.from_position <= ${position}::bigint
       AND (v.to_position IS NULL OR v.to_position > ${position}::bigint) AND v.status = 'ACTIVE'`
    : null;
  const period = periodOf(dimensions);
  const isClipped = period !== undefined && filter.dateRule === 'overlap' && filter.from !== null;
  const from = isClipped ? parameters.add(filter.from) : null;
  const date = period === undefined ? '' : periodExpression(period, filter.dateRule, from);
  const query = cellQuery(asOf, request, { conditions, date }, parameters);
  return isJoint(request) ? jointPartCells(query, version) : postingCells(query, version);
}

/** `month` is in the index; `start_date` cuts inside the first and the last month. */
function startDates(filter: IncidentFilter, parameters: SqlParameters): string[] {
  const from = filter.from === null ? null : parameters.add(filter.from);
  const to = filter.to === null ? null : parameters.add(filter.to);
  return [
    ...(from === null ? [] : [`p.month >= date_trunc('month', ${from}::date)::date`, `p.start_date >= ${from}::date`]),
    ...(to === null ? [] : [`p.month <= ${to}::date`, `p.start_date <= ${to}::date`]),
  ];
}

function partCondition(request: FigureRequest, parameters: SqlParameters): string {
  if (request.onlyIncidents === true) return `p.measure = 'INCIDENT'`;
  const { filter, dimensions } = request;
  const allParts = dimensions.includes('status') ? `p.part <> 'TOTAL'` : `p.part = 'TOTAL'`;
  const part = filter.statuses.length === 0 ? allParts : `p.part = ANY(${parameters.add(filter.statuses)}::text[])`;
  const measure =
    filter.measures.length === 0 ? '' : ` AND p.measure = ANY(${parameters.add(filter.measures)}::text[])`;
  return `(p.measure IN ('INCIDENT', 'FLAG') OR (${part}${measure}))`;
}

function cellQuery(
  { generation }: AsOf,
  request: FigureRequest,
  { conditions, date }: { conditions: readonly string[]; date: string },
  parameters: SqlParameters,
): CellQuery {
  return {
    tables: tablesOfGeneration(generation),
    dimensions: request.dimensions.flatMap((dimension) => columnsOf(dimension, date)),
    conditions,
    points: pointColumns(request.estimator),
    limit: `${parameters.add(CELLS_MAX + 1)}::bigint`,
  };
}

/** Columns of each dimension but the periods. Publisher and part are in every row. */
const COLUMNS: Record<Exclude<Dimension, Period>, readonly (readonly [expression: string, name: string])[]> = {
  'region:country': [['p.country', 'g_country']],
  'region:admin1': [
    ['p.country', 'g_country'],
    ['p.admin1', 'g_admin1'],
  ],
  'region:admin2': [
    ['p.country', 'g_country'],
    ['p.admin1', 'g_admin1'],
    ['p.admin2', 'g_admin2'],
  ],
  incidentType: [['p.incident_type', 'g_type']],
  weapon: [['v.weapon_group', 'g_weapon']],
  verification: [['p.verification', 'g_verification']],
  publisher: [],
  status: [],
};

function columnsOf(dimension: Dimension, date: string): DimensionColumn[] {
  if (isPeriod(dimension)) return [{ expression: date, name: 'g_period', isDate: true }];
  return COLUMNS[dimension].map(([expression, name]) => ({ expression, name, isDate: false }));
}

function isLastOfMonth(date: string): boolean {
  const next = new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000);
  return next.getUTCDate() === 1;
}
