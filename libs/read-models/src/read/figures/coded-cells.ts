import type { EntityManager } from 'typeorm';
import type { Tables } from '../../project/tables.js';
import type { CodeRow } from '../../rows.js';
import type { CellRow } from './figure-cell.js';

/** A row of the queries in coded-cells.sql.ts. */
export interface CodedRow {
  region?: number;
  area?: number;
  class?: number;
  figure: number;
  publisher: number;
  [column: string]: unknown;
}

/**
 * Puts words in place of codes. A question of its own: joined to each of the rows, the words took longer to plan and to join
 * than the sums.
 */
export async function inWords(tx: EntityManager, { code }: Tables, rows: readonly CodedRow[]): Promise<CellRow[]> {
  if (rows.length === 0) return [];
  const asked = new Set<number>();
  for (const row of rows) {
    for (const one of [row.region, row.area, row.class, row.figure, row.publisher])
      if (one !== undefined) asked.add(one);
  }
  const found = await tx.query<Omit<CodeRow, 'kind'>[]>(
    `SELECT code, first, second, third FROM ${code} WHERE code = ANY($1::integer[])`,
    [[...asked]],
  );
  const words = new Map(found.map((row) => [row.code, row]));
  const wordsOf = (one: number): Omit<CodeRow, 'kind'> => {
    const known = words.get(one);
    if (known === undefined) throw new Error(`${code} has no words for ${one}: rebuild the figures`);
    return known;
  };
  return rows.map((row) => {
    const { region, area, class: kind, figure, publisher } = row;
    const cell: CellRow = {
      ...row,
      publisher: wordsOf(publisher).first,
      measure: wordsOf(figure).first,
      part: wordsOf(figure).second,
    };
    if (region !== undefined)
      Object.assign(cell, { g_country: wordsOf(region).second, g_admin1: wordsOf(region).third });
    if (area !== undefined) cell.g_admin2 = wordsOf(area).first;
    if (kind !== undefined) Object.assign(cell, { g_type: wordsOf(kind).first, g_verification: wordsOf(kind).second });
    return cell;
  });
}
