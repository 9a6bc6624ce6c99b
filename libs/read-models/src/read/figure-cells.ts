import type { Estimator } from '#app/domain';
import type { EntityManager } from 'typeorm';
import type { AsOf } from './as-of.js';
import { type Dimension, dimensionNeedsVersion, periodExpression, periodOf } from './dimension.js';
import { balanceCells, type CellQuery, jointPartCells, pointColumns, postingCells } from './figure-cells.sql.js';
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

/** Sums of one group, publisher, measure and part. `measure` INCIDENT counts incidents, FLAG flagged ones (part = flag). */
export interface FigureCell {
  /** Values of the dimensions but for status. Dates are first days of periods; null = too coarse for the period. */
  period: string | null;
  country: string;
  admin1: string;
  admin2: string;
  incidentType: string;
  weapon: string;
  verification: string;
  publisher: string;
  measure: string;
  part: string;
  incidents: number;
  lo: number;
  hi: number;
  open: number;
  unknown: number;
  point: number;
  valued: number;
  /** Of the incidents: placed nowhere, only to a country, only to a first level. */
  nowhere: number;
  countryOnly: number;
  admin1Only: number;
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
    source === 'balances' ? balanceText(request, parameters) : postingText(asOf, request, source, parameters);
  const rows = await tx.query<CellRow[]>(text, parameters.values);
  return rows.length > CELLS_MAX ? null : rows.map(toCell);
}

/** Several statuses at once, not told apart: parts are added up per incident first. */
function isJoint({ filter, dimensions }: FigureRequest): boolean {
  return filter.statuses.length > 1 && !dimensions.includes('status');
}

function balanceText(request: FigureRequest, parameters: SqlParameters): string {
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
  return balanceCells(cellQuery(request, conditions, month, parameters));
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
  const query = cellQuery(request, conditions, date, parameters);
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
  request: FigureRequest,
  conditions: readonly string[],
  date: string,
  parameters: SqlParameters,
): CellQuery {
  return {
    dimensions: request.dimensions.flatMap((dimension) => columnsOf(dimension, date)),
    conditions,
    points: pointColumns(request.estimator),
    limit: `${parameters.add(CELLS_MAX + 1)}::bigint`,
  };
}

function columnsOf(dimension: Dimension, date: string): { expression: string; name: string }[] {
  switch (dimension) {
    case 'day':
    case 'week':
    case 'month':
    case 'year':
      return [{ expression: date, name: 'g_period' }];
    case 'region:country':
      return [{ expression: 'p.country', name: 'g_country' }];
    case 'region:admin1':
      return [...columnsOf('region:country', date), { expression: 'p.admin1', name: 'g_admin1' }];
    case 'region:admin2':
      return [...columnsOf('region:admin1', date), { expression: 'p.admin2', name: 'g_admin2' }];
    case 'incidentType':
      return [{ expression: 'p.incident_type', name: 'g_type' }];
    case 'weapon':
      return [{ expression: 'v.weapon_group', name: 'g_weapon' }];
    case 'verification':
      return [{ expression: 'p.verification', name: 'g_verification' }];
    // Publisher and part are in every row.
    case 'publisher':
    case 'status':
      return [];
  }
}

interface CellRow {
  g_period?: string | null;
  g_country?: string;
  g_admin1?: string;
  g_admin2?: string;
  g_type?: string;
  g_weapon?: string;
  g_verification?: string;
  publisher: string;
  measure: string;
  part: string;
  [sum: string]: unknown;
}

function toCell(row: CellRow): FigureCell {
  const sum = (name: string): number => Number(row[name] ?? 0);
  return {
    period: row.g_period ?? null,
    country: row.g_country ?? '',
    admin1: row.g_admin1 ?? '',
    admin2: row.g_admin2 ?? '',
    incidentType: row.g_type ?? '',
    weapon: row.g_weapon ?? '',
    verification: row.g_verification ?? '',
    publisher: row.publisher,
    measure: row.measure,
    part: row.part,
    incidents: sum('incidents'),
    lo: sum('lo'),
    hi: sum('hi'),
    open: sum('open'),
    unknown: sum('unknown'),
    point: sum('point'),
    valued: sum('valued'),
    nowhere: sum('nowhere'),
    countryOnly: sum('country_only'),
    admin1Only: sum('admin1_only'),
  };
}

function isLastOfMonth(date: string): boolean {
  const next = new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000);
  return next.getUTCDate() === 1;
}
