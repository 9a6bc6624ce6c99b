import { ALL_MONTHS, BALANCE_SUMS } from './balance-sums.js';
import type { Tables } from './tables.js';

/** The key columns of `balance`, by code. */
export const BALANCE_CODES = ['region', 'month', 'figure', 'publisher', 'class'] as const;
const KEY = BALANCE_CODES.join(', ');
const KEY_BUT_MONTH = BALANCE_CODES.filter((column) => column !== 'month').join(', ');
const KEY_OF_ALL = BALANCE_CODES.map((column) => (column === 'month' ? `'${ALL_MONTHS}'::date` : column)).join(', ');

/**
 * What the postings of a range of positions add up to, by month and over all months; cells of nothing but zeros are left
 * out. All months are the sum of the months, so that the postings are read once.
 */
export function balancesOfPostings(tables: Tables, range: { after?: number; upTo?: number } = {}): string {
  const { after = -1, upTo = Number.MAX_SAFE_INTEGER } = range;
  const sums = BALANCE_SUMS.map((column) => `coalesce(sum(d_${column}), 0)::bigint AS ${column}`).join(', ');
  const nonZero = (name: (column: string) => string): string =>
    BALANCE_SUMS.map((column) => `sum(${name(column)}) <> 0`).join(' OR ');
  return `WITH of_month AS (
            SELECT ${KEY}, ${sums} FROM ${tables.posting} WHERE position > ${after} AND position <= ${upTo}
             GROUP BY ${KEY} HAVING ${nonZero((column) => `d_${column}`)})
          SELECT * FROM of_month
          UNION ALL
          SELECT ${KEY_OF_ALL}, ${BALANCE_SUMS.map((column) => `sum(${column})::bigint`).join(', ')} FROM of_month
           GROUP BY ${KEY_BUT_MONTH} HAVING ${nonZero((column) => column)}`;
}

/** Fills an empty `balance` from the postings: what a load does once instead of with every batch. */
export function fillBalances(tables: Tables): string {
  // In the order in which they are read.
  return `INSERT INTO ${tables.balance} (${KEY}, ${BALANCE_SUMS.join(', ')})
          SELECT * FROM (${balancesOfPostings(tables)}) AS b ORDER BY ${KEY}`;
}
