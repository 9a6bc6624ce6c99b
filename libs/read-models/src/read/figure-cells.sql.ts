import type { Estimator } from '#app/domain';
import type { Tables } from '../project/tables.js';

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

type Columns = CellQuery['dimensions'];

const shown = (text: string, { name, isDate }: DimensionColumn): string =>
  `${text}${isDate ? '::text' : ''} AS ${name}, `;
const expressions = (columns: Columns): string =>
  columns.map((column) => shown(`(${column.expression})`, column)).join('');
const grouped = (columns: Columns): string => columns.map(({ expression }) => `${expression}, `).join('');
const named = (columns: Columns): string => columns.map((column) => shown(`incident.${column.name}`, column)).join('');

const inner = (columns: Columns): string =>
  columns.map(({ expression, name }) => `${expression} AS ${name}, `).join('');

const JOINT_PART = `CASE WHEN p.measure IN ('INCIDENT', 'FLAG') THEN p.part ELSE 'SELECTED' END`;

/** (A) Now, at the grain that is kept: balances. */
export function balanceCells({ tables, dimensions, conditions, points, limit }: CellQuery): string {
  return `
SELECT ${expressions(dimensions)}p.publisher, p.measure, p.part,
       sum(p.incidents) AS incidents, sum(p.lo) AS lo, sum(p.hi) AS hi, sum(p.open) AS open, sum(p.unknown) AS unknown,
       ${points === null ? '0' : `sum(p.${points.point})`} AS point, ${points === null ? '0' : `sum(p.${points.valued})`} AS valued,
       sum(p.incidents) FILTER (WHERE p.country = '') AS nowhere,
       sum(p.incidents) FILTER (WHERE p.country <> '' AND p.admin1 = '') AS country_only,
       0 AS admin1_only
  FROM ${tables.balance} p
 WHERE ${conditions.join('\n   AND ')}
 GROUP BY ${grouped(dimensions)}p.publisher, p.measure, p.part
HAVING sum(p.incidents) <> 0
 LIMIT ${limit}`;
}

/**
 * (B) As of any position: postings up to it; (C) the same joined with the state of each incident at that position.
 * Cells that an incident has left sum to nothing and drop out.
 */
export function postingCells(query: CellQuery, version: string | null): string {
  const { tables, dimensions, conditions, points, limit } = query;
  return `
SELECT ${expressions(dimensions)}p.publisher, p.measure, p.part,
       sum(p.d_incidents) AS incidents, sum(p.d_lo) AS lo, sum(p.d_hi) AS hi, sum(p.d_open) AS open,
       sum(p.d_unknown) AS unknown,
       ${points === null ? '0' : `sum(p.d_${points.point})`} AS point,
       ${points === null ? '0' : `sum(p.d_${points.valued})`} AS valued,
       sum(p.d_incidents) FILTER (WHERE p.country = '') AS nowhere,
       sum(p.d_incidents) FILTER (WHERE p.country <> '' AND p.admin1 = '') AS country_only,
       sum(p.d_incidents) FILTER (WHERE p.admin1 <> '' AND p.admin2 = '') AS admin1_only
  FROM ${tables.posting} p${version === null ? '' : `\n  JOIN ${tables.incident_version} v ON ${version}`}
 WHERE ${conditions.join('\n   AND ')}
 GROUP BY ${grouped(dimensions)}p.publisher, p.measure, p.part
HAVING sum(p.d_incidents) <> 0
 LIMIT ${limit}`;
}

/**
 * Several victim statuses taken together: an incident that is open in two of its parts is one open incident, so the
 * parts are added up per incident before incidents are counted. Its hi is known when all its parts are, it is unknown
 * when all are, it has a point when all have.
 */
export function jointPartCells(query: CellQuery, version: string | null): string {
  const { tables, dimensions, conditions, points, limit } = query;
  return `
SELECT ${named(dimensions)}publisher, measure, part,
       sum(least(incidents, 1)) AS incidents, sum(lo) AS lo, sum(hi) FILTER (WHERE open = 0) AS hi,
       count(*) FILTER (WHERE open > 0) AS open, count(*) FILTER (WHERE unknown >= incidents) AS unknown,
       sum(point) AS point, count(*) FILTER (WHERE valued >= incidents) AS valued,
       sum(incidents) FILTER (WHERE country = '') AS nowhere,
       sum(incidents) FILTER (WHERE country <> '' AND admin1 = '') AS country_only,
       sum(incidents) FILTER (WHERE admin1 <> '' AND admin2 = '') AS admin1_only
  FROM (
    SELECT ${inner(dimensions)}p.publisher, p.measure,
           ${JOINT_PART} AS part,
           p.incident_id, p.country AS country, p.admin1 AS admin1, p.admin2 AS admin2,
           sum(p.d_incidents) AS incidents, sum(p.d_lo) AS lo, sum(p.d_hi) AS hi,
           coalesce(sum(p.d_open), 0) AS open, coalesce(sum(p.d_unknown), 0) AS unknown,
           ${points === null ? '0' : `sum(p.d_${points.point})`} AS point,
           ${points === null ? '0' : `coalesce(sum(p.d_${points.valued}), 0)`} AS valued
      FROM ${tables.posting} p${version === null ? '' : `\n      JOIN ${tables.incident_version} v ON ${version}`}
     WHERE ${conditions.join('\n       AND ')}
     GROUP BY ${grouped(dimensions)}p.publisher, p.measure, ${JOINT_PART}, p.incident_id, p.country, p.admin1, p.admin2
    HAVING sum(p.d_incidents) <> 0) AS incident
 GROUP BY ${dimensions.map(({ name }) => `incident.${name}, `).join('')}publisher, measure, part
 LIMIT ${limit}`;
}
