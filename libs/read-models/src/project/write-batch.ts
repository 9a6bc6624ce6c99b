import type { ClientBase } from 'pg';
import { BALANCE_SUMS, type BalanceCell } from './balance-sums.js';
import { BALANCE_CODES } from './balances-of-postings.js';
import type { BatchRows } from './batch-rows.js';
import { refreshCandidates } from './candidates.js';
import { addCodes } from './codes.js';
import { POSTING_COLUMNS } from './posting-rows.js';
import type { Tables } from './tables.js';
import { copyInto, writeLasting } from './write-lasting.js';

const addMoments = (table: string): string => `
  INSERT INTO ${table} AS m (recorded_at, position)
  SELECT * FROM unnest(string_to_array($1, ',')::timestamptz[], string_to_array($2, ',')::bigint[])
  ON CONFLICT (recorded_at) DO UPDATE SET position = excluded.position WHERE m.position < excluded.position`;

const addPublishers = (table: string): string => `
  INSERT INTO ${table} (publisher, first_position)
  SELECT publisher, first_position FROM json_to_recordset($1::json) AS p (publisher text, first_position bigint)
  ON CONFLICT (publisher) DO NOTHING`;

const BALANCE_COLUMNS = [...BALANCE_CODES, ...BALANCE_SUMS].join(', ');

const addBalances = (table: string): string => `
  INSERT INTO ${table} AS b (${BALANCE_COLUMNS})
  SELECT * FROM unnest(
    string_to_array($1, ',')::integer[], string_to_array($2, ',')::date[], string_to_array($3, ',')::integer[],
    string_to_array($4, ',')::integer[], string_to_array($5, ',')::integer[],
    ${BALANCE_SUMS.map((_, column) => `string_to_array($${column + 6}, ',')::bigint[]`).join(', ')})
  ON CONFLICT (${BALANCE_CODES.join(', ')}) DO UPDATE SET
    ${BALANCE_SUMS.map((column) => `${column} = b.${column} + excluded.${column}`).join(', ')}`;

/** Writes the rows of a batch inside the caller's transaction. */
export async function writeBatch(tx: ClientBase, tables: Tables, rows: BatchRows): Promise<void> {
  await writeLasting(tx, tables, rows);
  await addCodes(tx, tables.code, rows.addedCodes);
  await copyInto(tx, `${tables.posting} (${POSTING_COLUMNS})`, rows.postings);
  await upsertBalances(tx, tables.balance, rows.balances?.changed() ?? []);
  const moments = [...rows.moments];
  await tx.query(addMoments(tables.moment), [
    moments.map(([recordedAt]) => new Date(recordedAt).toISOString()).join(','),
    moments.map(([, position]) => position).join(','),
  ]);
  await addNewPublishers(tx, tables.publisher, rows.publishers);
  await refreshCandidates(tx, tables, rows);
}

async function upsertBalances(tx: ClientBase, table: string, cells: readonly BalanceCell[]): Promise<void> {
  if (cells.length === 0) return;
  await tx.query(addBalances(table), [
    cells.map(({ key }) => key.region).join(','),
    cells.map(({ month }) => month).join(','),
    cells.map(({ key }) => key.figure).join(','),
    cells.map(({ key }) => key.publisher).join(','),
    cells.map(({ key }) => key.class).join(','),
    ...BALANCE_SUMS.map((_, column) => cells.map(({ sums }) => sums[column]).join(',')),
  ]);
}

async function addNewPublishers(tx: ClientBase, table: string, publishers: ReadonlyMap<string, number>): Promise<void> {
  if (publishers.size === 0) return;
  const rows = [...publishers].map(([publisher, position]) => ({ publisher, first_position: position }));
  await tx.query(addPublishers(table), [JSON.stringify(rows)]);
}
