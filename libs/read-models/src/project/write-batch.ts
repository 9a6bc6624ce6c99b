import type { ClientBase } from 'pg';
import { BALANCE_SUMS, type BalanceCell } from './balance-sums.js';
import type { BatchRows } from './batch-rows.js';
import { refreshCandidates } from './candidates.js';
import { POSTING_COLUMNS } from './posting-line.js';
import type { Tables } from './tables.js';
import { copyInto, writeLasting } from './write-lasting.js';

/** U+001E: node-postgres escapes arrays value by value, one joined string is several times faster. */
const JOINT = '\u001E';

const addMoments = (table: string): string => `
  INSERT INTO ${table} AS m (recorded_at, position)
  SELECT * FROM unnest(string_to_array($1, ',')::timestamptz[], string_to_array($2, ',')::bigint[])
  ON CONFLICT (recorded_at) DO UPDATE SET position = excluded.position WHERE m.position < excluded.position`;

const addPublishers = (table: string): string => `
  INSERT INTO ${table} (publisher, first_position)
  SELECT publisher, first_position FROM json_to_recordset($1::json) AS p (publisher text, first_position bigint)
  ON CONFLICT (publisher) DO NOTHING`;

/**
 * Key columns are joined with U+001E, but for the publisher, which a stranger chooses: it travels as JSON. A joined list
 * whose only member is empty reads as an empty list, hence the coalesce.
 */
const addBalances = (table: string): string => `
  INSERT INTO ${table} AS b (boundary, country, month, admin1, incident_type, verification, measure, part, publisher,
                             ${BALANCE_SUMS.join(', ')})
  SELECT c.boundary, coalesce(c.country, ''), c.month, coalesce(c.admin1, ''), c.incident_type, c.verification, c.measure,
         c.part, c.publisher, ${BALANCE_SUMS.map((column) => `c.${column}`).join(', ')}
  FROM ROWS FROM (
    unnest(string_to_array($1, chr(30)), string_to_array($2, chr(30)), string_to_array($3, ',')::date[],
           string_to_array($4, chr(30)), string_to_array($5, ','), string_to_array($6, ','), string_to_array($7, ','),
           string_to_array($8, ',')),
    json_array_elements_text($9::json),
    unnest(${BALANCE_SUMS.map((_, column) => `string_to_array($${column + 10}, ',')::bigint[]`).join(', ')}))
    AS c (boundary, country, month, admin1, incident_type, verification, measure, part, publisher, ${BALANCE_SUMS.join(', ')})
  ON CONFLICT (boundary, country, month, admin1, publisher, incident_type, verification, measure, part) DO UPDATE SET
    ${BALANCE_SUMS.map((column) => `${column} = b.${column} + excluded.${column}`).join(', ')}`;

/** Writes the rows of a batch inside the caller's transaction. */
export async function writeBatch(tx: ClientBase, tables: Tables, rows: BatchRows): Promise<void> {
  await writeLasting(tx, tables, rows);
  await copyInto(tx, `${tables.posting} (${POSTING_COLUMNS})`, rows.postings);
  await upsertBalances(tx, tables.balance, rows.balances?.changed() ?? []);
  const moments = [...rows.moments];
  await tx.query(addMoments(tables.moment), [
    moments.map(([recordedAt]) => new Date(recordedAt).toISOString()).join(','),
    moments.map(([, position]) => position).join(','),
  ]);
  await addNewPublishers(tx, tables.publisher, rows.publishers);
  await refreshCandidates(tx, tables, rows.candidates);
}

async function upsertBalances(tx: ClientBase, table: string, cells: readonly BalanceCell[]): Promise<void> {
  if (cells.length === 0) return;
  const keys = cells.map(({ posting }) => posting);
  await tx.query(addBalances(table), [
    keys.map((key) => key.boundary).join(JOINT),
    keys.map((key) => key.country).join(JOINT),
    keys.map((key) => key.month).join(','),
    keys.map((key) => key.admin1).join(JOINT),
    keys.map((key) => key.incidentType).join(','),
    keys.map((key) => key.verification).join(','),
    keys.map((key) => key.measure).join(','),
    keys.map((key) => key.part).join(','),
    JSON.stringify(keys.map((key) => key.publisher)),
    ...BALANCE_SUMS.map((_, column) => cells.map(({ sums }) => sums[column]).join(',')),
  ]);
}

async function addNewPublishers(tx: ClientBase, table: string, publishers: ReadonlyMap<string, number>): Promise<void> {
  if (publishers.size === 0) return;
  const rows = [...publishers].map(([publisher, position]) => ({ publisher, first_position: position }));
  await tx.query(addPublishers(table), [JSON.stringify(rows)]);
}
