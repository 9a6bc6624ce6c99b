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
  /** Placeholder of the greatest number of rows. */
  limit: string;
}

/** Names of the sums of a cell. */
const SUMS = ['incidents', 'lo', 'hi', 'open', 'unknown', 'point', 'valued'] as const;

/** (A) Now, at the grain that is kept. @param grain the condition that takes either the balances of months or those of all months */
export function balanceCells(query: CodedQuery, grain: string): string {
  return inWords(query, summed(query, { table: query.tables.balance, prefix: '', also: grain }), true);
}

/** (B) As of any position: postings up to it. Cells that an incident has left sum to nothing and drop out. */
export function postingCells(query: CodedQuery): string {
  return inWords(query, summed(query, { table: query.tables.posting, prefix: 'd_' }), true);
}

/** Of changes between two positions, cells whose incidents stayed as many are told as well. */
export function changeCells(query: CodedQuery): string {
  return inWords(query, summed(query, { table: query.tables.posting, prefix: 'd_' }), false);
}

/**
 * (D) As of a position in the later half of the log: the balances less what was posted after it. The same numbers as the
 * postings up to it come to, from at most half as many.
 *
 * @param grain as of (A)
 * @param position placeholder
 */
export function balanceCellsLessLater(query: CodedQuery, grain: string, position: string): string {
  const now = summed(query, { table: query.tables.balance, prefix: '', also: grain });
  const later = summed(query, {
    table: query.tables.posting,
    prefix: 'd_',
    also: `p.position > ${position}::bigint`,
    sign: '-',
  });
  const keys = keysOf(query).join(', ');
  const sums = SUMS.map((name) => `sum(${name})::bigint AS ${name}`).join(', ');
  return inWords(query, `SELECT ${keys}, ${sums} FROM (${now} UNION ALL ${later}) AS cell GROUP BY ${keys}`, true);
}

/** The codes of a cell, in the order of the indexes. */
function keysOf({ by, period }: CodedQuery): string[] {
  return [
    'region',
    ...(period === null ? [] : ['g_period']),
    'figure',
    'publisher',
    ...(by.admin2 ? ['area'] : []),
    ...(by.type || by.verification ? ['class'] : []),
  ];
}

interface Summed {
  table: string;
  prefix: '' | 'd_';
  also?: string;
  sign?: '-';
}

/** Sums by code, as bigint: adding up what sum(bigint) makes, which is numeric, takes several times longer. */
function summed(query: CodedQuery, { table, prefix, also, sign }: Summed): string {
  const { conditions, period, points } = query;
  const keys = keysOf(query).map((key) => (key === 'g_period' ? `${period} AS g_period` : `p.${key}`));
  const sum = (column: string, name = column): string => `${sign ?? ''}sum(p.${prefix}${column})::bigint AS ${name}`;
  const sums = [
    ...['incidents', 'lo', 'hi', 'open', 'unknown'].map((column) => sum(column)),
    ...(points === null
      ? ['0::bigint AS point', '0::bigint AS valued']
      : [sum(points.point, 'point'), sum(points.valued, 'valued')]),
  ];
  return `
    SELECT ${[...keys, ...sums].join(', ')}
      FROM ${table} p
     WHERE ${[...conditions, ...(also === undefined ? [] : [also])].join('\n       AND ')}
     GROUP BY ${keysOf(query)
       .map((key) => (key === 'g_period' ? period : `p.${key}`))
       .join(', ')}`;
}

/**
 * The words of cells by code, and what follows from them: how many incidents are placed nowhere, only to a country, only to a
 * first level. Codes are finer than the groups of most questions, so cells are added up once more, unless each is a group.
 */
function inWords(query: CodedQuery, cells: string, onlyStanding: boolean): string {
  const { tables, by, period, limit } = query;
  const keys: (readonly [name: string, expression: string])[] = [
    ...(period === null ? [] : ([['g_period', 'p.g_period']] as const)),
    ...(by.country ? ([['g_country', 'r.second']] as const) : []),
    ...(by.admin1 ? ([['g_admin1', 'r.third']] as const) : []),
    ...(by.admin2 ? ([['g_admin2', 'a.first']] as const) : []),
    ...(by.type ? ([['g_type', 'c.first']] as const) : []),
    ...(by.verification ? ([['g_verification', 'c.second']] as const) : []),
    ['publisher', 'u.first'],
    ['measure', 'f.first'],
    ['part', 'f.second'],
  ];
  const isWhole = by.admin1 && by.type === by.verification;
  const sum = (name: string): string => (isWhole ? `p.${name}` : `sum(p.${name})`);
  const placed = (where: string): string =>
    isWhole ? `CASE WHEN ${where} THEN p.incidents END` : `sum(p.incidents) FILTER (WHERE ${where})`;
  const standing = `${sum('incidents')} <> 0`;
  const groups = isWhole
    ? onlyStanding
      ? ` WHERE ${standing}`
      : ''
    : ` GROUP BY ${keys.map(([, expression]) => expression).join(', ')}${onlyStanding ? ` HAVING ${standing}` : ''}`;
  return `
SELECT ${keys.map(([name, expression]) => `${expression}${name === 'g_period' ? '::text' : ''} AS ${name}`).join(', ')},
       ${SUMS.map((name) => `${sum(name)} AS ${name}`).join(', ')},
       ${placed(`r.second = ''`)} AS nowhere,
       ${placed(`r.second <> '' AND r.third = ''`)} AS country_only,
       ${by.admin2 ? placed(`r.third <> '' AND a.first = ''`) : '0'} AS admin1_only
  FROM (${cells}) p
  JOIN ${tables.code} r ON r.code = p.region
  JOIN ${tables.code} f ON f.code = p.figure
  JOIN ${tables.code} u ON u.code = p.publisher
  ${by.admin2 ? `JOIN ${tables.code} a ON a.code = p.area` : ''}
  ${by.type || by.verification ? `JOIN ${tables.code} c ON c.code = p.class` : ''}
${groups}
 LIMIT ${limit}`;
}
