import { DATED_TO_YEAR } from '#app/domain';
import { ALL_MONTHS } from '../../project/balance-sums.js';
import { tablesOfGeneration } from '../../project/tables.js';
import type { AsOf } from '../as-of/as-of.js';
import { balanceCells, balanceCellsLessLater, type CodedQuery } from './coded-cells.sql.js';
import { CodedConditions } from './coded-conditions.js';
import { isJoint } from './counted-figures.js';
import {
  coarserPrecisions,
  type Dimension,
  isPeriod,
  type Period,
  periodExpression,
  periodOf,
  regionLevelOf,
  tellsYear,
} from './dimension.js';
import type { FigureRequest } from './figure-cells.js';
import {
  type DimensionColumn,
  jointPartCells,
  pointColumns,
  versionCells,
  type WordsQuery,
} from './figure-cells.sql.js';
import type { FigureSource } from './figure-source.js';
import {
  cellConditions,
  COUNTING_STATUSES,
  countedConditions,
  type IncidentFilter,
  sharedConditions,
  speaksConditions,
  versionConditions,
  versionDates,
} from '../incidents/incident-filter.js';
import { exceptRefolded } from '../publication/publication.js';
import type { SqlParameters } from '../sql-parameters.js';

/** More rows than this are refused: the reader asked for more groups than anybody reads. */
export const CELLS_MAX = 100_000;

interface Asked {
  source: FigureSource;
  parameters: SqlParameters;
}

/** (A) and (D): figures at the grain that is kept. */
export function balanceText(asOf: AsOf, request: FigureRequest, { source, parameters }: Asked): string {
  const { filter } = request;
  const period = periodOf(request.dimensions);
  const conditions = [
    ...new CodedConditions(tablesOfGeneration(asOf.generation), parameters).of(request),
    ...(filter.from === null ? [] : [`p.month >= ${parameters.add(filter.from)}::date`]),
    ...(filter.to === null ? [] : [`p.month <= ${parameters.add(filter.to)}::date`]),
  ];
  const isOfAllTime = filter.from === null && filter.to === null && period === undefined;
  const grain = `p.month ${isOfAllTime ? '=' : '>'} '${ALL_MONTHS}'`;
  const month = period === 'year' ? `date_trunc('year', p.month::timestamp)::date` : 'p.month';
  const query = codedQuery(asOf, request, { conditions, date: month }, parameters);
  return source === 'balances'
    ? balanceCells(query, grain)
    : balanceCellsLessLater(query, grain, parameters.add(asOf.position));
}

/** (B) of the postings up to a position. @param upTo null: the caller says which */
export function postingQuery(
  asOf: AsOf,
  request: FigureRequest,
  parameters: SqlParameters,
  upTo: number | null = asOf.position,
): CodedQuery {
  const { filter, dimensions } = request;
  const conditions = [
    ...new CodedConditions(tablesOfGeneration(asOf.generation), parameters).of(request),
    ...(upTo === null ? [] : [`p.position <= ${parameters.add(upTo)}::bigint`]),
    ...startDates(filter, parameters),
    ...exceptRefolded('p', request.publication ?? null, parameters),
  ];
  const period = periodOf(dimensions);
  const date = period === undefined ? '' : periodExpression(period, filter.dateRule, null);
  return codedQuery(asOf, request, { conditions, date }, parameters);
}

function codedQuery(
  { generation }: AsOf,
  { filter, dimensions, estimator, cellsMax = CELLS_MAX }: FigureRequest,
  { conditions, date }: { conditions: readonly string[]; date: string },
  parameters: SqlParameters,
): CodedQuery {
  const level = regionLevelOf(dimensions);
  return {
    tables: tablesOfGeneration(generation),
    by: {
      country: level !== undefined,
      admin1: level === 'admin1' || level === 'admin2',
      admin2: level === 'admin2',
      type: dimensions.includes('incidentType'),
      verification: dimensions.includes('verification'),
    },
    period: periodOf(dimensions) === undefined ? null : date,
    conditions,
    points: pointColumns(estimator),
    boundary: parameters.add(filter.boundary),
    limit: `${parameters.add(cellsMax + 1)}::bigint`,
  };
}

/** (C), and several victim statuses jointly: postings in words. */
export function wordsText(asOf: AsOf, request: FigureRequest, { source, parameters }: Asked): string {
  const { filter, dimensions } = request;
  const isJoined = source === 'postings and versions';
  const conditions = [
    ...cellConditions('p', filter, parameters),
    `p.position <= ${parameters.add(asOf.position)}::bigint`,
    ...(filter.dateRule === 'start' ? startDates(filter, parameters) : versionDates(filter, parameters)),
    ...sharedConditions('p', filter, parameters),
    ...countedConditions('p', filter, parameters),
    ...(isJoined ? versionConditions(filter, parameters) : []),
    ...(request.onlySpeaking === true ? speaksConditions(filter, parameters) : []),
    partCondition(request, parameters, !isJoined && tellsYear(request)),
    ...exceptRefolded('p', request.publication ?? null, parameters),
  ];
  const period = periodOf(dimensions);
  const isClipped = period !== undefined && filter.dateRule === 'overlap' && filter.from !== null;
  const from = isClipped ? parameters.add(filter.from) : null;
  const date = period === undefined ? '' : periodExpression(period, filter.dateRule, from);
  const query: WordsQuery = {
    tables: tablesOfGeneration(asOf.generation),
    dimensions: dimensions.flatMap((dimension) => columnsOf(dimension, date)),
    conditions,
    points: pointColumns(request.estimator),
    limit: `${parameters.add((request.cellsMax ?? CELLS_MAX) + 1)}::bigint`,
    version: isJoined ? versionAsOf(asOf, parameters) : null,
    coarse: isJoined ? coarserPrecisions(period) : [],
  };
  return isJoint(request) ? jointPartCells(query) : versionCells(query);
}

function versionAsOf({ position }: AsOf, parameters: SqlParameters): string {
  const at = `${parameters.add(position)}::bigint`;
  return `v.incident_id = p.incident_id AND v.from_position <= ${at} AND (v.to_position IS NULL OR v.to_position > ${at})
       AND v.status IN (${COUNTING_STATUSES.map((status) => `'${status}'`).join(', ')})`;
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

/** @param isYearApart whether postings say who is dated only to a year: no version is at hand to say so */
function partCondition(request: FigureRequest, parameters: SqlParameters, isYearApart: boolean): string {
  const incidents = isYearApart ? `'INCIDENT', '${DATED_TO_YEAR}'` : `'INCIDENT'`;
  if (request.onlyIncidents === true) return `p.measure IN (${incidents})`;
  const { filter, dimensions } = request;
  const allParts = dimensions.includes('status') ? `p.part <> 'TOTAL'` : `p.part = 'TOTAL'`;
  const part = filter.statuses.length === 0 ? allParts : `p.part = ANY(${parameters.add(filter.statuses)}::text[])`;
  const measure =
    filter.measures.length === 0 ? '' : ` AND p.measure = ANY(${parameters.add(filter.measures)}::text[])`;
  return `(p.measure IN (${incidents}, 'FLAG') OR (p.measure <> '${DATED_TO_YEAR}' AND ${part}${measure}))`;
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
