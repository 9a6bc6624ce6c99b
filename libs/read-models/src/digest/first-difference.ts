import type { ClientBase } from 'pg';
import { BALANCE_KEY } from '../project/words-of-codes.js';
import { PAIR_KEY } from '../project/pair-sums.js';
import type { Tables } from '../project/tables.js';
import type { ComparedTable } from '../rows.js';
import { bucketQuery, type DigestRange, rowQuery } from './digest-queries.js';

/** Rows that a digest covers. */
export interface DigestedTable {
  tables: Tables;
  range: DigestRange;
}

/** Where two tables begin to differ. No value of a row is shown but what names it. */
export interface Difference {
  table: ComparedTable;
  /** MISSING: the row is not in the table that is checked. ADDED: it is there only. CHANGED: in `columns`. */
  kind: 'MISSING' | 'ADDED' | 'CHANGED';
  /** The columns that name the row. */
  row: Readonly<Record<string, unknown>>;
  columns: readonly string[];
}

/** What names a row, for a person who looks for it. */
const NAMES: Record<ComparedTable, readonly string[]> = {
  report: ['from_position', 'incident_id', 'event_id'],
  decision: ['from_position', 'incident_id', 'seq'],
  record: ['from_position', 'kind', 'key'],
  candidate: ['from_position', 'a', 'b'],
  incident_version: ['from_position', 'incident_id'],
  posting: [
    'position',
    'incident_id',
    'boundary',
    'country',
    'admin1',
    'admin2',
    'month',
    'publisher',
    'incident_type',
    'verification',
    'measure',
    'part',
  ],
  balance: BALANCE_KEY,
  pair: PAIR_KEY,
  moment: ['position'],
  publisher: ['first_position', 'publisher'],
};

/** Two sets of tables: the one that is checked, and what the log makes of them. */
export interface Compared {
  checked: DigestedTable;
  folded: DigestedTable;
}

/** The first row, in the order of the positions, that one side has and the other has not. Null when there is none. */
export async function firstDifference(
  db: ClientBase,
  table: ComparedTable,
  { checked, folded }: Compared,
): Promise<Difference | null> {
  const { rows: buckets } = await db.query<{ bucket: string }>(`
    WITH checked AS (${bucketQuery(table, checked.tables, checked.range)}),
         folded AS (${bucketQuery(table, folded.tables, folded.range)})
    SELECT bucket::text FROM checked c FULL JOIN folded f USING (bucket)
     WHERE c.hash IS DISTINCT FROM f.hash ORDER BY bucket LIMIT 1`);
  const [first] = buckets;
  if (first === undefined) return null;
  const { rows } = await db.query<DifferingRow>(rowsOfOneSide(table, { checked, folded }), [first.bucket]);
  const [row] = rows;
  return row === undefined ? null : described(table, row, rows);
}

interface DifferingRow {
  side: 'checked' | 'folded';
  row: Record<string, unknown>;
}

/** A damaged bucket may differ in every row; to pair the two sides of the first one, its neighbours are enough. */
const ROWS_MAX = 200;

function rowsOfOneSide(table: ComparedTable, { checked, folded }: Compared): string {
  const hashed = 'sha256(record_send(r)) AS hash, to_jsonb(r) AS row';
  const rowsOf = ({ tables, range }: DigestedTable): string =>
    `SELECT at, hash, row FROM (${rowQuery(table, tables, range, hashed)}) AS x WHERE bucket::text = $1`;
  // Rows are a multiset: one that is there twice is one too many.
  const only = (side: string, other: string): string => `
    SELECT '${side}' AS side, s.at, s.row
      FROM (SELECT hash FROM ${side} EXCEPT ALL SELECT hash FROM ${other}) AS o
     CROSS JOIN LATERAL (SELECT at, row FROM ${side} WHERE hash = o.hash LIMIT 1) AS s`;
  return `
    WITH checked AS (${rowsOf(checked)}), folded AS (${rowsOf(folded)})
    SELECT side, row FROM (${only('checked', 'folded')} UNION ALL ${only('folded', 'checked')}) AS d
     ORDER BY at, row::text, side LIMIT ${ROWS_MAX}`;
}

function described(table: ComparedTable, { side, row }: DifferingRow, rows: readonly DifferingRow[]): Difference {
  const names = NAMES[table];
  const name = Object.fromEntries(names.map((column) => [column, row[column]]));
  const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
  const twin = rows.find(
    (other) => other.side !== side && names.every((column) => isSame(other.row[column], row[column])),
  );
  if (twin === undefined) return { table, kind: side === 'checked' ? 'ADDED' : 'MISSING', row: name, columns: [] };
  const columns = Object.keys(row).filter((column) => !isSame(row[column], twin.row[column]));
  return { table, kind: 'CHANGED', row: name, columns };
}
