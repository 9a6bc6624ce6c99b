import type { Estimator } from '#app/domain';
import type { EntityManager } from 'typeorm';
import { ALL_MONTHS } from '../../project/balance-sums.js';
import { tablesOfGeneration } from '../../project/tables.js';
import type { AsOf } from '../as-of/as-of.js';
import {
  coarserPrecisions,
  type Dimension,
  isPeriod,
  type Period,
  periodExpression,
  periodOf,
  regionLevelOf,
} from './dimension.js';
import { cellsOfIncident, CellSums, isJoint } from './counted-figures.js';
import { type CellRow, type FigureCell, toCell } from './figure-cell.js';
import { balanceCells, balanceCellsLessLater, changeCells, type CodedQuery, postingCells } from './coded-cells.sql.js';
import { type CodedRow, inWords } from './coded-cells.js';
import { CodedConditions } from './coded-conditions.js';
import {
  BALANCES_STAND_AT,
  type DimensionColumn,
  jointPartCells,
  pointColumns,
  versionCells,
  type WordsQuery,
} from './figure-cells.sql.js';
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
import { chooseSource, type FigureSource } from './figure-source.js';
import { matchesFilter, speaks } from '../incidents/incident-matching.js';
import { exceptRefolded, type Publication } from '../publication/publication.js';
import { SqlParameters } from '../sql-parameters.js';
import { yearDatedCells } from './year-dated.js';

export interface FigureRequest {
  filter: IncidentFilter;
  dimensions: readonly Dimension[];
  estimator: Estimator | null;
  /** Only incidents that say something on the filter's measures and statuses; else these choose figures, not incidents. */
  onlySpeaking?: boolean;
  /** Leave the figures out: only incidents are counted. */
  onlyIncidents?: boolean;
  /** Only claims published by a moment count; null or absent: all that are recorded. */
  publication?: Publication | null;
}

/** More rows than this are refused: the reader asked for more groups than anybody reads. */
export const CELLS_MAX = 100_000;

/**
 * Reads the cells of a grouping as of a position.
 *
 * @param asked must be one that can answer; the best one when absent (tests compare them)
 * @returns null when there are more than CELLS_MAX
 */
export async function readFigureCells(
  tx: EntityManager,
  asOf: AsOf,
  request: FigureRequest,
  asked?: FigureSource,
): Promise<FigureCell[] | null> {
  const source = asked ?? (await bestSource(tx, asOf, request));
  const stored = await storedCells(tx, asOf, request, source);
  const isYearDatedUntold = source !== 'postings and versions' && periodOf(request.dimensions) === 'month';
  if (stored.length > CELLS_MAX) return null;
  if (!isYearDatedUntold && request.publication?.changes !== true) return stored;
  const sums = new CellSums();
  for (const cell of stored) sums.add(cell);
  if (isYearDatedUntold) {
    for (const cell of await yearDatedCells(tx, asOf, request)) sums.add(cell);
  }
  const isWhole = await addRefolded(tx, request, sums);
  return isWhole ? sums.cells() : null;
}

/** Cells of the whole filter at the two ends of a range of positions; null as above. */
export interface CellsBetween {
  before: FigureCell[] | null;
  after: FigureCell[] | null;
}

/**
 * Reads the cells of a request without groups at two positions. Where the earlier one would be read as balances less later
 * postings, the balances are read once for both, and the postings between the two make the difference.
 */
export async function readCellsBetween(
  tx: EntityManager,
  { from, to }: { from: AsOf; to: AsOf },
  request: FigureRequest,
): Promise<CellsBetween> {
  const after = await readFigureCells(tx, to, request);
  const source = await bestSource(tx, from, request);
  if (after === null || source !== 'balances less later postings' || request.dimensions.length > 0) {
    return { before: await readFigureCells(tx, from, request, source), after };
  }
  const sums = new CellSums();
  for (const cell of after) sums.add(cell);
  for (const cell of await changedCells(tx, { from, to }, request)) sums.subtract(cell);
  return { before: sums.cells().filter(({ incidents }) => incidents !== 0), after };
}

/** What was posted behind `from` up to `to`, `to` included. */
async function changedCells(
  tx: EntityManager,
  { from, to }: { from: AsOf; to: AsOf },
  request: FigureRequest,
): Promise<FigureCell[]> {
  const parameters = new SqlParameters();
  const [first, last] = [parameters.add(from.position), parameters.add(to.position)];
  const range = `position > ${first}::bigint AND position <= ${last}::bigint`;
  const text = changeCells(postingQuery(to, request, parameters, null), range);
  return codedCells(tx, to, { text, parameters });
}

/** @returns false when there are more than CELLS_MAX */
async function addRefolded(tx: EntityManager, request: FigureRequest, sums: CellSums): Promise<boolean> {
  const { publication, filter } = request;
  if (publication?.changes !== true) return true;
  for await (const states of publication.refolded(tx)) {
    for (const state of states) {
      if (!matchesFilter(state, filter) || (request.onlySpeaking === true && !speaks(state, filter))) continue;
      for (const cell of cellsOfIncident(state, request)) sums.add(cell);
    }
    if (sums.size > CELLS_MAX) return false;
  }
  return true;
}

/** Only a settled answer at the grain of the balances needs to know where they stand. */
async function bestSource(tx: EntityManager, asOf: AsOf, request: FigureRequest): Promise<FigureSource> {
  if (!asOf.isSettled || chooseSource(request, asOf) !== 'postings') return chooseSource(request, asOf);
  const [row] = await tx.query<{ position: string }[]>(BALANCES_STAND_AT, [asOf.generation]);
  return chooseSource(request, asOf, Number(row?.position));
}

async function storedCells(
  tx: EntityManager,
  asOf: AsOf,
  request: FigureRequest,
  source: FigureSource,
): Promise<FigureCell[]> {
  const parameters = new SqlParameters();
  if (source === 'postings and versions' || isJoint(request)) {
    const text = wordsText(asOf, request, { source, parameters });
    return (await tx.query<CellRow[]>(text, parameters.values)).map(toCell);
  }
  const text =
    source === 'postings'
      ? postingCells(postingQuery(asOf, request, parameters))
      : balanceText(asOf, request, { source, parameters });
  return codedCells(tx, asOf, { text, parameters });
}

async function codedCells(
  tx: EntityManager,
  { generation }: AsOf,
  { text, parameters }: { text: string; parameters: SqlParameters },
): Promise<FigureCell[]> {
  const rows = await tx.query<CodedRow[]>(text, parameters.values);
  return (await inWords(tx, tablesOfGeneration(generation), rows)).map(toCell);
}

interface Asked {
  source: FigureSource;
  parameters: SqlParameters;
}

function balanceText(asOf: AsOf, request: FigureRequest, { source, parameters }: Asked): string {
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

/** Of the postings up to a position. @param upTo null: the caller says which */
function postingQuery(
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
  { filter, dimensions, estimator }: FigureRequest,
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
    limit: `${parameters.add(CELLS_MAX + 1)}::bigint`,
  };
}

function wordsText(asOf: AsOf, request: FigureRequest, { source, parameters }: Asked): string {
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
    partCondition(request, parameters),
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
    limit: `${parameters.add(CELLS_MAX + 1)}::bigint`,
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

function partCondition(request: FigureRequest, parameters: SqlParameters): string {
  if (request.onlyIncidents === true) return `p.measure = 'INCIDENT'`;
  const { filter, dimensions } = request;
  const allParts = dimensions.includes('status') ? `p.part <> 'TOTAL'` : `p.part = 'TOTAL'`;
  const part = filter.statuses.length === 0 ? allParts : `p.part = ANY(${parameters.add(filter.statuses)}::text[])`;
  const measure =
    filter.measures.length === 0 ? '' : ` AND p.measure = ANY(${parameters.add(filter.measures)}::text[])`;
  return `(p.measure IN ('INCIDENT', 'FLAG') OR (${part}${measure}))`;
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
