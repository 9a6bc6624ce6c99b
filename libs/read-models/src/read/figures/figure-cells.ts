import type { Estimator } from '#app/domain';
import type { EntityManager } from 'typeorm';
import { tablesOfGeneration } from '../../project/tables.js';
import type { AsOf } from '../as-of/as-of.js';
import { type Dimension, tellsYear } from './dimension.js';
import { type CodedRow, inWords } from './coded-cells.js';
import { changeCells, postingCells } from './coded-cells.sql.js';
import { cellsOfIncident, CellSums, isJoint } from './counted-figures.js';
import { type CellRow, type FigureCell, toCell } from './figure-cell.js';
import { BALANCES_STAND_AT, countedCells } from './figure-cells.sql.js';
import { balanceText, CELLS_MAX, postingQuery, wordsText } from './figure-queries.js';
import type { IncidentFilter } from '../incidents/incident-filter.js';
import { chooseSource, type FigureSource } from './figure-source.js';
import { matchesFilter, speaks } from '../incidents/incident-matching.js';
import type { Publication } from '../publication/publication.js';
import { SqlParameters } from '../sql-parameters.js';

/** More than there can be, and still a bigint when one is added. */
const ALL_ROWS = Number.MAX_SAFE_INTEGER - 1;

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
  /** More cells than this are refused; CELLS_MAX when absent. */
  cellsMax?: number;
}

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
  if (stored === null) return null;
  if (!isYearApart(request, source) && request.publication?.changes !== true) return stored;
  const sums = new CellSums();
  for (const cell of stored) sums.add(cell);
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
    if (sums.size > (request.cellsMax ?? CELLS_MAX)) return false;
  }
  return true;
}

/** Only a settled answer at the grain of the balances needs to know where they stand. */
async function bestSource(tx: EntityManager, asOf: AsOf, request: FigureRequest): Promise<FigureSource> {
  if (!asOf.isSettled || chooseSource(request, asOf) !== 'postings') return chooseSource(request, asOf);
  const [row] = await tx.query<{ position: string }[]>(BALANCES_STAND_AT, [asOf.generation]);
  return chooseSource(request, asOf, Number(row?.position));
}

/** Whether incidents that are dated only to a year have rows of their own, which become part of the cells of all incidents. */
function isYearApart(request: FigureRequest, source: FigureSource): boolean {
  return source !== 'postings and versions' && tellsYear(request);
}

/** @returns more than one can have the same key; null when there are more keys than the request takes */
async function storedCells(
  tx: EntityManager,
  asOf: AsOf,
  request: FigureRequest,
  source: FigureSource,
): Promise<FigureCell[] | null> {
  const { cellsMax = CELLS_MAX } = request;
  const cells = await readRows(tx, asOf, request, source);
  if (cells.length <= cellsMax) return cells;
  // Counted before more is read: what is refused must not take more memory than what is answered.
  if (!isYearApart(request, source) || (await countCells(tx, asOf, request, source)) > cellsMax) return null;
  // No cell takes in more than one row.
  return readRows(tx, asOf, { ...request, cellsMax: 2 * cellsMax }, source);
}

/** Of rows that are cells of their own, up to one more than the request takes. */
async function countCells(
  tx: EntityManager,
  asOf: AsOf,
  request: FigureRequest,
  source: FigureSource,
): Promise<number> {
  const { cellsMax = CELLS_MAX } = request;
  const { text, parameters, isCoded } = rowsText(asOf, { ...request, cellsMax: ALL_ROWS }, source);
  const tables = isCoded ? tablesOfGeneration(asOf.generation) : null;
  const counted = countedCells(text, tables, `${parameters.add(cellsMax + 1)}::bigint`);
  const [row] = await tx.query<{ cells: number }[]>(counted, parameters.values);
  return row?.cells ?? 0;
}

async function readRows(
  tx: EntityManager,
  asOf: AsOf,
  request: FigureRequest,
  source: FigureSource,
): Promise<FigureCell[]> {
  const { text, parameters, isCoded } = rowsText(asOf, request, source);
  if (isCoded) return codedCells(tx, asOf, { text, parameters });
  return (await tx.query<CellRow[]>(text, parameters.values)).map(toCell);
}

/** Up to one row more than the request takes cells. */
function rowsText(
  asOf: AsOf,
  request: FigureRequest,
  source: FigureSource,
): { text: string; parameters: SqlParameters; isCoded: boolean } {
  const parameters = new SqlParameters();
  if (source === 'postings and versions' || isJoint(request)) {
    return { text: wordsText(asOf, request, { source, parameters }), parameters, isCoded: false };
  }
  const text =
    source === 'postings'
      ? postingCells(postingQuery(asOf, request, parameters))
      : balanceText(asOf, request, { source, parameters });
  return { text, parameters, isCoded: true };
}

async function codedCells(
  tx: EntityManager,
  { generation }: AsOf,
  { text, parameters }: { text: string; parameters: SqlParameters },
): Promise<FigureCell[]> {
  const rows = await tx.query<CodedRow[]>(text, parameters.values);
  return (await inWords(tx, tablesOfGeneration(generation), rows)).map(toCell);
}
