import { BALANCE_SUMS } from './balance-sums.js';
import type { Tables } from './tables.js';

/** The key columns of `balance`. */
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
const KEY = BALANCE_KEY.join(', ');

/** What the postings of a range of positions add up to; cells of nothing but zeros are left out. */
export function balancesOfPostings(tables: Tables, range: { after?: number; upTo?: number } = {}): string {
  const { after = -1, upTo = Number.MAX_SAFE_INTEGER } = range;
  const sums = BALANCE_SUMS.map((column) => `coalesce(sum(d_${column}), 0)::bigint AS ${column}`).join(', ');
  const nonZero = BALANCE_SUMS.map((column) => `sum(d_${column}) <> 0`).join(' OR ');
  return `SELECT ${KEY}, ${sums} FROM ${tables.posting} WHERE position > ${after} AND position <= ${upTo}
           GROUP BY ${KEY} HAVING ${nonZero}`;
}

/** Fills an empty `balance` from the postings: what a load does once instead of with every batch. */
export function fillBalances(tables: Tables): string {
  return `INSERT INTO ${tables.balance} (${KEY}, ${BALANCE_SUMS.join(', ')}) ${balancesOfPostings(tables)}`;
}
