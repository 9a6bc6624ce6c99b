import type { Estimator } from '#app/domain';
import type { Tables } from '../../project/tables.js';

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
  /** Time precisions whose incidents are counted apart; needs the version. */
  coarse: readonly string[];
  /** Placeholder of the greatest number of rows. */
  limit: string;
  /** Of changes between two positions: cells whose incidents stayed as many are told as well. */
  isOfChanges?: boolean;
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

const JOINT_PART = `CASE WHEN p.measure IN ('INCIDENT', 'FLAG') THEN p.part ELSE 'SELECTED' END`;

/**
 * How many incidents are placed nowhere, only to a country, only to a first level. Where the areas are grouped by, the
 * sum of the group says it: one sum less for every row. Below the first level only a grouping by it looks.
 */
function placedOnly(dimensions: Columns, column: string): string {
  const has = (name: string): boolean => dimensions.some((dimension) => dimension.name === name);
  const where = (condition: string, isGrouped: boolean): string =>
    isGrouped ? `CASE WHEN ${condition} THEN sum(${column}) END` : `sum(${column}) FILTER (WHERE ${condition})`;
  return `${where(`p.country = ''`, has('g_country'))} AS nowhere,
       ${where(`p.country <> '' AND p.admin1 = ''`, has('g_admin1'))} AS country_only,
       ${has('g_admin2') ? where(`p.admin1 <> '' AND p.admin2 = ''`, true) : '0'} AS admin1_only`;
}

/** The sums of a group: of balances, or, with the prefix `d_`, of postings. */
function sums(points: PointColumns | null, prefix: '' | 'd_'): string {
  const sum = (column: string, name = column): string => `sum(p.${prefix}${column}) AS ${name}`;
  const point =
    points === null ? '0 AS point, 0 AS valued' : `${sum(points.point, 'point')}, ${sum(points.valued, 'valued')}`;
  return `${['incidents', 'lo', 'hi', 'open', 'unknown'].map((column) => sum(column)).join(', ')}, ${point}`;
}

/**
 * (A) Now, at the grain that is kept: balances.
 *
 * @param grain the condition that takes either the balances of months or those of all months
 */
export function balanceCells({ tables, dimensions, conditions, points, limit }: CellQuery, grain: string): string {
  return `
SELECT ${expressions(dimensions)}p.publisher, p.measure, p.part,
       ${sums(points, '')},
       ${placedOnly(dimensions, 'p.incidents')}
  FROM ${tables.balance} p
 WHERE ${[...conditions, grain].join('\n   AND ')}
 GROUP BY ${grouped(dimensions)}p.publisher, p.measure, p.part
HAVING sum(p.incidents) <> 0
 LIMIT ${limit}`;
}

/**
 * (B) As of any position: postings up to it; (C) the same joined with the state of each incident at that position.
 * Cells that an incident has left sum to nothing and drop out.
 */
export function postingCells(query: CellQuery, version: string | null): string {
  const { tables, dimensions, conditions, points, coarse, limit, isOfChanges } = query;
  return `
SELECT ${expressions(dimensions)}p.publisher, p.measure, p.part,
       ${sums(points, 'd_')},
       ${placedOnly(dimensions, 'p.d_incidents')}${datedOnly(coarse, 'sum(p.d_incidents)', 'v.time_precision')}
  FROM ${tables.posting} p${version === null ? '' : `\n  JOIN ${tables.incident_version} v ON ${version}`}
 WHERE ${conditions.join('\n   AND ')}
 GROUP BY ${grouped(dimensions)}p.publisher, p.measure, p.part${isOfChanges === true ? '' : '\nHAVING sum(p.d_incidents) <> 0'}
 LIMIT ${limit}`;
}

/** The checkpoint of a generation: the position at which its balances stand, in the snapshot of the answer. */
export const BALANCES_STAND_AT = 'SELECT position FROM read_model.generation WHERE generation = $1';

/** Names of the columns that `sums` and `placedOnly` make. */
const CELL_SUMS = ['incidents', 'lo', 'hi', 'open', 'unknown', 'point', 'valued', 'nowhere', 'country_only'];

/**
 * (D) As of a position in the later half of the log: the balances less what was posted after it. The same numbers as the
 * postings up to it come to, from at most half as many.
 *
 * @param grain as of (A)
 * @param position placeholder
 */
export function balanceCellsLessLater(query: CellQuery, grain: string, position: string): string {
  const { tables, dimensions, conditions, points, limit } = query;
  const side = (table: string, prefix: '' | 'd_', condition: string): string => `
    SELECT ${inner(dimensions)}p.publisher, p.measure, p.part, ${sums(points, prefix)},
           ${placedOnly(dimensions, `p.${prefix}incidents`)}
      FROM ${table} p
     WHERE ${[...conditions, condition].join('\n       AND ')}
     GROUP BY ${grouped(dimensions)}p.publisher, p.measure, p.part`;
  const cell = `${dimensions.map(({ name }) => `${name}, `).join('')}publisher, measure, part`;
  // As bigint: adding up what sum(bigint) makes, which is numeric, takes several times longer.
  const signed = (sign: string): string => CELL_SUMS.map((name) => `${sign}(${name}::bigint) AS ${name}`).join(', ');
  return `
SELECT ${dimensions.map((column) => shown(`cell.${column.name}`, column)).join('')}publisher, measure, part,
       ${CELL_SUMS.map((name) => `sum(${name}) AS ${name}`).join(', ')}, 0 AS admin1_only
  FROM (SELECT ${cell}, ${signed('')} FROM (${side(tables.balance, '', grain)}) AS now
        UNION ALL
        SELECT ${cell}, ${signed('-')} FROM (${side(tables.posting, 'd_', `p.position > ${position}::bigint`)}) AS later) AS cell
 GROUP BY ${dimensions.map(({ name }) => `cell.${name}, `).join('')}publisher, measure, part
HAVING sum(incidents) <> 0
 LIMIT ${limit}`;
}

/**
 * Several victim statuses taken together: an incident that is open in two of its parts is one open incident, so the
 * parts are added up per incident before incidents are counted. Its hi is known when all its parts are, it is unknown
 * when all are; it has a point when all have, and else adds none.
 */
export function jointPartCells(query: CellQuery, version: string | null): string {
  const { tables, dimensions, conditions, points, coarse, limit } = query;
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
      FROM ${tables.posting} p${version === null ? '' : `\n      JOIN ${tables.incident_version} v ON ${version}`}
     WHERE ${conditions.join('\n       AND ')}
     GROUP BY ${grouped(dimensions)}p.publisher, p.measure, ${JOINT_PART}, p.incident_id, p.country, p.admin1, p.admin2${precision}
    HAVING sum(p.d_incidents) <> 0) AS incident
 GROUP BY ${dimensions.map(({ name }) => `incident.${name}, `).join('')}publisher, measure, part
 LIMIT ${limit}`;
}
