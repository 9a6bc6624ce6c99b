import { DATED_TO_YEAR, type Estimator } from '#app/domain';
import type { Tables } from '../../project/tables.js';
import { postingsInWords } from '../../project/words-of-codes.js';

/** Sums of one estimator in a posting and in a balance. */
export interface PointColumns {
  point: string;
  valued: string;
}

export function pointColumns(estimator: Estimator | null): PointColumns | null {
  if (estimator === null) return null;
  return { point: estimator, valued: estimator === 'best' ? 'best_valued' : 'valued' };
}

export interface DimensionColumn {
  expression: string;
  name: string;
  /** A civil date: grouped as a date, sent as text, so that no time zone moves it. */
  isDate: boolean;
}

export interface CellQuery {
  tables: Tables;
  dimensions: readonly DimensionColumn[];
  conditions: readonly string[];
  points: PointColumns | null;
  /** Placeholder of the greatest number of rows. */
  limit: string;
}

/** Of postings in words: with the state of each incident, or per incident. */
export interface WordsQuery extends CellQuery {
  /** How the version `v` of each incident is found; null: not needed. */
  version: string | null;
  /** Time precisions whose incidents are counted apart; needs the version. */
  coarse: readonly string[];
}

type Columns = CellQuery['dimensions'];

const shown = (text: string, { name, isDate }: DimensionColumn): string =>
  `${text}${isDate ? '::text' : ''} AS ${name}, `;
const expressions = (columns: Columns): string =>
  columns.map((column) => shown(`(${column.expression})`, column)).join('');
const grouped = (columns: Columns): string => columns.map(({ expression }) => `${expression}, `).join('');
const named = (columns: Columns): string => columns.map((column) => shown(`incident.${column.name}`, column)).join('');

const inner = (columns: Columns): string =>
  columns.map(({ expression, name }) => `${expression} AS ${name}, `).join('');

/** `week_only`, `month_only`, `year_only`: incidents that are dated only so. */
const datedOnly = (precisions: readonly string[], sum: string, column: string): string =>
  precisions
    .map((precision) => `,\n       ${sum} FILTER (WHERE ${column} = '${precision}') AS ${precision.toLowerCase()}_only`)
    .join('');

/** The checkpoint of a generation: the position at which its balances stand, in the snapshot of the answer. */
export const BALANCES_STAND_AT = 'SELECT position FROM read_model.generation WHERE generation = $1';

/**
 * How many rows of a query are cells of their own: all but those that say who is dated only to a year.
 *
 * @param tables where the rows have codes; null: they have words
 * @param limit placeholder of the number up to which is counted
 */
export function countedCells(rows: string, tables: Tables | null, limit: string): string {
  const isCell =
    tables === null
      ? `row.measure <> '${DATED_TO_YEAR}'`
      : `row.figure <> ALL(ARRAY(SELECT code FROM ${tables.code} WHERE kind = 'FIGURE' AND first = '${DATED_TO_YEAR}'))`;
  return `SELECT count(*)::int AS cells FROM (SELECT FROM (${rows}) AS row WHERE ${isCell} LIMIT ${limit}) AS cell`;
}

const JOINT_PART = `CASE WHEN p.measure IN ('INCIDENT', 'FLAG') THEN p.part ELSE 'SELECTED' END`;

/** The sums of a group of postings. */
function sums(points: PointColumns | null): string {
  const sum = (column: string, name = column): string => `sum(p.d_${column}) AS ${name}`;
  const point =
    points === null ? '0 AS point, 0 AS valued' : `${sum(points.point, 'point')}, ${sum(points.valued, 'valued')}`;
  return `${['incidents', 'lo', 'hi', 'open', 'unknown'].map((column) => sum(column)).join(', ')}, ${point}`;
}

const fromWords = ({ tables, version }: WordsQuery): string =>
  `(${postingsInWords(tables)}) p${version === null ? '' : `\n  JOIN ${tables.incident_version} v ON ${version}`}`;

/**
 * (C) As of any position, by the state of each incident at that position: postings up to it, joined with versions. Cells that
 * an incident has left sum to nothing and drop out.
 */
export function versionCells(query: WordsQuery): string {
  const { dimensions, conditions, points, coarse, limit } = query;
  const isBelowAdmin1 = dimensions.some(({ name }) => name === 'g_admin2');
  const placed = (condition: string): string => `sum(p.d_incidents) FILTER (WHERE ${condition})`;
  return `
SELECT ${expressions(dimensions)}p.publisher, p.measure, p.part,
       ${sums(points)},
       ${placed(`p.country = ''`)} AS nowhere,
       ${placed(`p.country <> '' AND p.admin1 = ''`)} AS country_only,
       ${isBelowAdmin1 ? placed(`p.admin1 <> '' AND p.admin2 = ''`) : '0'} AS admin1_only${datedOnly(coarse, 'sum(p.d_incidents)', 'v.time_precision')}
  FROM ${fromWords(query)}
 WHERE ${conditions.join('\n   AND ')}
 GROUP BY ${grouped(dimensions)}p.publisher, p.measure, p.part
HAVING sum(p.d_incidents) <> 0
 LIMIT ${limit}`;
}

/**
 * Several victim statuses taken together: an incident that is open in two of its parts is one open incident, so the
 * parts are added up per incident before incidents are counted. Its hi is known when all its parts are, it is unknown
 * when all are; it has a point when all have, and else adds none.
 */
export function jointPartCells(query: WordsQuery): string {
  const { dimensions, conditions, points, coarse, limit } = query;
  const precision = coarse.length === 0 ? '' : ', v.time_precision';
  return `
SELECT ${named(dimensions)}publisher, measure, part,
       sum(least(incidents, 1)) AS incidents, sum(lo) AS lo, sum(hi) FILTER (WHERE open = 0) AS hi,
       count(*) FILTER (WHERE open > 0) AS open, count(*) FILTER (WHERE unknown >= incidents) AS unknown,
       sum(point) FILTER (WHERE valued >= incidents) AS point, count(*) FILTER (WHERE valued >= incidents) AS valued,
       sum(incidents) FILTER (WHERE country = '') AS nowhere,
       sum(incidents) FILTER (WHERE country <> '' AND admin1 = '') AS country_only,
       sum(incidents) FILTER (WHERE admin1 <> '' AND admin2 = '') AS admin1_only${datedOnly(coarse, 'sum(incidents)', 'time_precision')}
  FROM (
    SELECT ${inner(dimensions)}p.publisher, p.measure,
           ${JOINT_PART} AS part,
           p.incident_id, p.country AS country, p.admin1 AS admin1, p.admin2 AS admin2${precision},
           sum(p.d_incidents) AS incidents, sum(p.d_lo) AS lo, sum(p.d_hi) AS hi,
           coalesce(sum(p.d_open), 0) AS open, coalesce(sum(p.d_unknown), 0) AS unknown,
           ${points === null ? '0' : `sum(p.d_${points.point})`} AS point,
           ${points === null ? '0' : `coalesce(sum(p.d_${points.valued}), 0)`} AS valued
      FROM ${fromWords(query)}
     WHERE ${conditions.join('\n       AND ')}
     GROUP BY ${grouped(dimensions)}p.publisher, p.measure, ${JOINT_PART}, p.incident_id, p.country, p.admin1, p.admin2${precision}
    HAVING sum(p.d_incidents) <> 0) AS incident
 GROUP BY ${dimensions.map(({ name }) => `incident.${name}, `).join('')}publisher, measure, part
 LIMIT ${limit}`;
}
