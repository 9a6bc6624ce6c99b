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

/** Alias, column, and which of its words a column shows; the kind stands beside each. */
const CODED = [
  ['r', 'region', 'REGION', { boundary: 'first', country: 'second', admin1: 'third' }],
  ['a', 'area', 'AREA', { admin2: 'first' }],
  ['u', 'publisher', 'PUBLISHER', { publisher: 'first' }],
  ['c', 'class', 'CLASS', { incident_type: 'first', verification: 'second' }],
  ['f', 'figure', 'FIGURE', { measure: 'first', part: 'second' }],
] as const satisfies (readonly [string, string, CodeKind, object])[];

const WORDS = new Map(
  CODED.flatMap(([alias, , kind, words]) =>
    Object.entries(words).map(([column, word]) => [column, { word: `${alias}.${word}`, alias, kind }] as const),
  ),
);

/** @param checked a word of another kind shows as null: it was changed by hand, or given by mistake */
function inWords(columns: readonly string[], checked: boolean): string {
  return columns
    .map((name) => {
      const known = WORDS.get(name);
      if (known === undefined) return `p.${name}`;
      const { word, alias, kind } = known;
      return `${checked ? `CASE WHEN ${alias}.kind = '${kind}' THEN ${word} END` : word} AS ${name}`;
    })
    .join(', ');
}

/** A join for each column that has codes. By the code alone: the planner takes a condition on the kind for a rare one. */
const joined = (code: string, but?: 'area'): string =>
  CODED.filter(([, column]) => column !== but)
    .map(([alias, column]) => `JOIN ${code} ${alias} ON ${alias}.code = p.${column}`)
    .join('\n  ');

/** One SELECT of postings with words instead of codes, for questions that need a look at each of them. */
export function postingsInWords(tables: Tables): string {
  return `SELECT ${inWords(POSTING_IN_WORDS, false)} FROM ${tables.posting} p ${joined(tables.code)}`;
}

/** What a digest covers of postings. @param where on `p` */
export function digestedPostings(tables: Tables, where: string): string {
  return `SELECT ${inWords(POSTING_IN_WORDS, true)} FROM ${tables.posting} p ${joined(tables.code)} WHERE ${where}`;
}

/** The same of balances. @param balances a SELECT of them by code */
export function digestedBalances(tables: Tables, balances: string): string {
  return `SELECT ${inWords([...BALANCE_KEY, ...BALANCE_SUMS], true)} FROM (${balances}) p ${joined(tables.code, 'area')}`;
}

/** Hashes of words: as good to tell rows apart by on one server, and cheaper than the words in every row. */
const hashesOf = ({ code }: Tables): string =>
  `(SELECT code, hash_record_extended(ROW(kind, first, second, third), 0) AS words FROM ${code} OFFSET 0)`;
const hashes = (but?: 'area'): string =>
  CODED.filter(([, column]) => column !== but)
    .map(([alias, column]) => `${alias}.words AS ${column}`)
    .join(', ');
const notCoded = (columns: readonly string[]): string =>
  columns
    .filter((name) => !WORDS.has(name))
    .map((name) => `p.${name}`)
    .join(', ');

/** What a checksum covers of postings. @param where on `p` */
export function hashedPostings(tables: Tables, where: string): string {
  return `SELECT ${notCoded(POSTING_IN_WORDS)}, ${hashes()} FROM ${tables.posting} p ${joined(hashesOf(tables))} WHERE ${where}`;
}

/** The same by numbers, for two sets of tables that number alike. */
export function numberedPostings(tables: Tables, where: string): string {
  const codes = CODED.map(([, column]) => `p.${column}`).join(', ');
  return `SELECT ${notCoded(POSTING_IN_WORDS)}, ${codes} FROM ${tables.posting} p WHERE ${where}`;
}

/** The same of balances. @param balances a SELECT of them by code */
export function hashedBalances(tables: Tables, balances: string): string {
  const columns = notCoded([...BALANCE_KEY, ...BALANCE_SUMS]);
  return `SELECT ${columns}, ${hashes('area')} FROM (${balances}) p ${joined(hashesOf(tables), 'area')}`;
}
