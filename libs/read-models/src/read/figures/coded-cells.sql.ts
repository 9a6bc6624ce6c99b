import type { Tables } from '../../project/tables.js';
import type { PointColumns } from './figure-cells.sql.js';

/** Cells that balances and postings name by code: groups of what they carry themselves. */
export interface CodedQuery {
  tables: Tables;
  /** What of the words is grouped by. */
  by: { country: boolean; admin1: boolean; admin2: boolean; type: boolean; verification: boolean };
  /** First day of the period that is grouped by; null: none. */
  period: string | null;
  /** On a posting or balance `p`. */
  conditions: readonly string[];
  points: PointColumns | null;
  /** Placeholders of the boundary set, and of the greatest number of rows. */
  boundary: string;
  limit: string;
}

/** (A) Now, at the grain that is kept. @param grain the condition that takes either the balances of months or those of all months */
export function balanceCells(query: CodedQuery, grain: string): string {
  return told(query, summed(query, { from: query.tables.balance, prefix: '', also: grain }), true);
}

/** (B) As of any position: postings up to it. Cells that an incident has left sum to nothing and drop out. */
export function postingCells(query: CodedQuery): string {
  return told(query, summed(query, { from: query.tables.posting, prefix: 'd_' }), true);
}

/**
 * Of changes between two positions, cells whose incidents stayed as many are told as well.
 *
 * @param range condition on `position`. The fence makes it the way to the rows: an index by figures would be read as a whole.
 */
export function changeCells(query: CodedQuery, range: string): string {
  const from = `(SELECT * FROM ${query.tables.posting} WHERE ${range} OFFSET 0)`;
  return told(query, summed(query, { from, prefix: 'd_' }), false);
}

/**
 * (D) As of a position in the later half of the log: the balances less what was posted after it. The same numbers as the
 * postings up to it come to, from at most half as many.
 *
 * @param grain as of (A)
 * @param position placeholder
 */
export function balanceCellsLessLater(query: CodedQuery, grain: string, position: string): string {
  const now = summed(query, { from: query.tables.balance, prefix: '', also: grain });
  const also = `p.position > ${position}::bigint`;
  const later = summed(query, { from: query.tables.posting, prefix: 'd_', also, sign: '-' });
  const keys = keysOf(query).join(', ');
  const cells = `SELECT ${keys}, ${sumsAgain('')} FROM (${now} UNION ALL ${later}) AS cell GROUP BY ${keys}`;
  return told(query, cells, true);
}

/** Names of the sums of a cell. */
const SUMS = [
  'incidents',
  'lo',
  'hi',
  'open',
  'unknown',
  'point',
  'valued',
  'nowhere',
  'country_only',
  'admin1_only',
] as const;

const sumsAgain = (alias: string): string => SUMS.map((name) => `sum(${alias}${name})::bigint AS ${name}`).join(', ');

/** The codes of a cell, in the order of the indexes. Of an area above the first level the region, which is merged later. */
function keysOf({ by, period }: CodedQuery): string[] {
  return [
    ...(by.country ? ['region'] : []),
    ...(period === null ? [] : ['g_period']),
    'figure',
    'publisher',
    ...(by.admin2 ? ['area'] : []),
    ...(by.type || by.verification ? ['class'] : []),
  ];
}

interface Summed {
  from: string;
  prefix: '' | 'd_';
  also?: string;
  sign?: '' | '-';
}

/**
 * Sums by code, as bigint: adding up what sum(bigint) makes, which is numeric, takes several times longer. The code of a region
 * without a first level is negative, so that how finely incidents are placed takes no look at words.
 */
function summed(query: CodedQuery, { from, prefix, also, sign = '' }: Summed): string {
  const { by, conditions, period, points, tables, boundary } = query;
  const isPeriod = (key: string): boolean => key === 'g_period';
  const keys = keysOf(query).map((key) => (isPeriod(key) ? `${period} AS g_period` : `p.${key}`));
  const sum = (column: string, name = column): string => `${sign}sum(p.${prefix}${column})::bigint AS ${name}`;
  const placed = (where: string, name: string): string =>
    `${sign}(sum(p.${prefix}incidents) FILTER (WHERE ${where}))::bigint AS ${name}`;
  const ofKind = (kind: string, where: string): string =>
    `ANY(ARRAY(SELECT code FROM ${tables.code} WHERE kind = '${kind}' AND ${where}))`;
  const nowhere = `p.region = ${ofKind('REGION', `first = ${boundary}::text AND second = ''`)}`;
  const sums = [
    ...['incidents', 'lo', 'hi', 'open', 'unknown'].map((column) => sum(column)),
    ...(points === null
      ? ['0::bigint AS point', '0::bigint AS valued']
      : [sum(points.point, 'point'), sum(points.valued, 'valued')]),
    placed(`p.region < 0 AND ${nowhere}`, 'nowhere'),
    placed(`p.region < 0 AND NOT ${nowhere}`, 'country_only'),
    by.admin2
      ? placed(`p.region > 0 AND p.area = ${ofKind('AREA', `first = ''`)}`, 'admin1_only')
      : '0::bigint AS admin1_only',
  ];
  return `
    SELECT ${[...keys, ...sums].join(', ')}
      FROM ${from} p
     WHERE ${[...conditions, ...(also === undefined ? [] : [also])].join('\n       AND ')}
     GROUP BY ${keysOf(query)
       .map((key) => (isPeriod(key) ? period : `p.${key}`))
       .join(', ')}`;
}

/** The rows of an answer: with codes, whose words are asked for afterwards; coarser than by code, where a question is, in words. */
function told(query: CodedQuery, cells: string, onlyStanding: boolean): string {
  const { tables, by, limit } = query;
  const standing = onlyStanding ? 'incidents <> 0' : 'true';
  const shown = (key: string): string => (key === 'g_period' ? 'p.g_period::text AS g_period' : `p.${key}`);
  const ofCountries = by.country && !by.admin1;
  const ofClasses = by.type !== by.verification;
  if (!ofCountries && !ofClasses) {
    const columns = [...keysOf(query).map(shown), ...SUMS.map((name) => `p.${name}`)];
    return `SELECT ${columns.join(', ')} FROM (${cells}) p WHERE ${standing} LIMIT ${limit}`;
  }
  const kept = keysOf(query).filter((key) => !(ofCountries && key === 'region') && !(ofClasses && key === 'class'));
  const words = [
    ...(ofCountries ? [['r.second', 'g_country'] as const] : []),
    ...(ofClasses ? [by.type ? (['c.first', 'g_type'] as const) : (['c.second', 'g_verification'] as const)] : []),
  ];
  return `
SELECT ${[...kept.map(shown), ...words.map(([word, name]) => `${word} AS ${name}`), sumsAgain('p.')].join(', ')}
  FROM (${cells}) p
  ${ofCountries ? `JOIN ${tables.code} r ON r.code = p.region` : ''}
  ${ofClasses ? `JOIN ${tables.code} c ON c.code = p.class` : ''}
 GROUP BY ${[...kept.map((key) => `p.${key}`), ...words.map(([word]) => word)].join(', ')}
${onlyStanding ? 'HAVING sum(p.incidents) <> 0' : ''}
 LIMIT ${limit}`;
}
