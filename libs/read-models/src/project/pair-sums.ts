import type { ClientBase } from 'pg';
import type { CandidateRow } from '../rows.js';
import { ALL_MONTHS } from './balance-sums.js';
import type { Tables } from './tables.js';

/** What a sum of pairs is named by, in the order in which its key is made. */
export const PAIR_KEY = ['a_month', 'b_month', 'a_publisher', 'b_publisher', 'a_areas', 'b_areas'] as const;
const KEY = PAIR_KEY.join(', ');

/** Of what a pair carries, that by which it is summed. */
type Summed = Pick<
  CandidateRow,
  'a_start_date' | 'b_start_date' | 'a_publisher' | 'b_publisher' | 'a_areas' | 'b_areas'
>;

/** One SELECT of `pair` as the candidates that stand make it: by month, and over all months. */
export function pairsOfCandidates({ candidate }: Tables): string {
  const month = (side: 'a' | 'b'): string => `date_trunc('month', c.${side}_start_date::timestamp)::date`;
  return `
    SELECT sha256(record_send(k)) AS key, k.*, n AS pairs
      FROM (SELECT ${KEY}, count(*)::integer AS n
              FROM ${candidate} c
             CROSS JOIN LATERAL (VALUES (${month('a')}, ${month('b')}), ('${ALL_MONTHS}', '${ALL_MONTHS}')) AS m (a_month, b_month)
             WHERE to_position IS NULL
             GROUP BY ${KEY}) AS s
     CROSS JOIN LATERAL (SELECT ${KEY}) AS k`;
}

/** Fills an empty `pair` from the candidates: what a load does once instead of with every batch. */
export function fillPairs(tables: Tables): string {
  return `INSERT INTO ${tables.pair} (key, ${KEY}, pairs) ${pairsOfCandidates(tables)}`;
}

const addPairs = (table: string): string => `
  INSERT INTO ${table} AS s (key, ${KEY}, pairs)
  SELECT sha256(record_send(k)), k.*, n
    FROM json_to_recordset($1::json) AS c (a_month date, b_month date, a_publisher text, b_publisher text, a_areas text[],
                                           b_areas text[], n integer)
   CROSS JOIN LATERAL (SELECT ${KEY}) AS k
  ON CONFLICT (key) DO UPDATE SET pairs = s.pairs + excluded.pairs`;

/** How many more or fewer pairs stand after one batch, so that a sum is touched once a batch. */
export class PairSums {
  readonly #changes = new Map<string, { pair: object; n: number }>();

  add(pair: Summed, n: 1 | -1): void {
    const { a_start_date: a, b_start_date: b, a_publisher, b_publisher, a_areas, b_areas } = pair;
    for (const [a_month, b_month] of [
      [monthOf(a), monthOf(b)],
      [ALL_MONTHS, ALL_MONTHS],
    ]) {
      const summed = { a_month, b_month, a_publisher, b_publisher, a_areas, b_areas };
      const name = JSON.stringify(summed);
      const known = this.#changes.get(name);
      if (known === undefined) this.#changes.set(name, { pair: summed, n });
      else known.n += n;
    }
  }

  async write(tx: ClientBase, { pair: table }: Tables): Promise<void> {
    const changed = [...this.#changes.values()].flatMap(({ pair, n }) => (n === 0 ? [] : [{ ...pair, n }]));
    if (changed.length > 0) await tx.query(addPairs(table), [JSON.stringify(changed)]);
  }
}

const monthOf = (date: string): string => `${date.slice(0, 7)}-01`;
