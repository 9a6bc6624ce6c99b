import { BALANCE_SUMS } from './balance-sums.js';
import type { CodeKind } from '../rows.js';
import type { Tables } from './tables.js';

/** The key columns of `balance`, in words. */
export const BALANCE_KEY = [
  'boundary',
  'country',
  'month',
  'admin1',
  'publisher',
  'incident_type',
  'verification',
  'measure',
  'part',
] as const;

/** The columns of `posting` as a digest covers them. */
const POSTING_IN_WORDS = [
  'position',
  'd_lo',
  'd_hi',
  'd_conservative',
  'd_median',
  'd_max',
  'd_latest',
  'd_best',
  'd_incidents',
  'd_open',
  'd_unknown',
  'd_valued',
  'd_best_valued',
  'month',
  'start_date',
  'incident_id',
  'publisher',
  'boundary',
  'country',
  'admin1',
  'admin2',
  'incident_type',
  'verification',
  'measure',
  'part',
] as const;

const WORDS: Readonly<Record<string, string>> = {
  boundary: 'r.first',
  country: 'r.second',
  admin1: 'r.third',
  admin2: 'a.first',
  publisher: 'u.first',
  incident_type: 'c.first',
  verification: 'c.second',
  measure: 'f.first',
  part: 'f.second',
};
const inWords = (columns: readonly string[]): string =>
  columns.map((name) => `${WORDS[name] ?? `p.${name}`} AS ${name}`).join(', ');

const words = ({ code }: Tables, alias: string, [column, kind]: readonly [string, CodeKind]): string =>
  `JOIN ${code} ${alias} ON ${alias}.code = p.${column} AND ${alias}.kind = '${kind}'`;

/** The words of a posting or balance `p`. */
const joined = (tables: Tables): string => `
  ${words(tables, 'r', ['region', 'REGION'])}
  ${words(tables, 'u', ['publisher', 'PUBLISHER'])}
  ${words(tables, 'c', ['class', 'CLASS'])}
  ${words(tables, 'f', ['figure', 'FIGURE'])}`;

/** One SELECT of postings with words instead of codes. @param where on `p` */
export function postingsInWords(tables: Tables, where = 'true'): string {
  return `SELECT ${inWords(POSTING_IN_WORDS)}
            FROM ${tables.posting} p ${joined(tables)}
            ${words(tables, 'a', ['area', 'AREA'])}
           WHERE ${where}`;
}

/** The same of balances. @param balances a SELECT of them by code */
export function balancesInWords(tables: Tables, balances: string): string {
  return `SELECT ${inWords([...BALANCE_KEY, ...BALANCE_SUMS])} FROM (${balances}) p ${joined(tables)}`;
}
