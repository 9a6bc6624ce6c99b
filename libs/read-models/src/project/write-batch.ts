import { finished } from 'node:stream/promises';
import type { ClientBase } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { BALANCE_SUMS, type BalanceCell } from './balance-sums.js';
import type { BatchRows, Closing } from './batch-rows.js';
import type { CopyLines } from './copy-lines.js';
import { POSTING_COLUMNS } from './posting-line.js';
import { REPORT_COLUMNS } from './report-columns.js';
import type { Tables } from './tables.js';
import { VERSION_COLUMNS } from './version-columns.js';

const LASTING = 'incident_id, from_position, to_position';

/** U+001E: node-postgres escapes arrays value by value, one joined string is several times faster. */
const JOINT = '\u001E';

const closeRows = (table: string): string => `
  UPDATE ${table} r SET to_position = c.to_position
    FROM unnest(string_to_array($1, ',')::uuid[], string_to_array($2, ',')::bigint[], string_to_array($3, ',')::bigint[])
         AS c (incident_id, from_position, to_position)
   WHERE r.incident_id = c.incident_id AND r.from_position = c.from_position`;

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
  await closeAll(tx, tables.report, rows.reports.closings);
  await closeAll(tx, tables.incident_version, rows.versions.closings);
  await copyInto(tx, `${tables.report} (${LASTING}, ${REPORT_COLUMNS})`, rows.reports.copyLines());
  await copyInto(tx, `${tables.incident_version} (${LASTING}, version, ${VERSION_COLUMNS})`, rows.versions.copyLines());
  await copyInto(tx, `${tables.posting} (${POSTING_COLUMNS})`, rows.postings);
  await upsertBalances(tx, tables.balance, rows.balances?.changed() ?? []);
  const moments = [...rows.moments];
  await tx.query(addMoments(tables.moment), [
    moments.map(([recordedAt]) => new Date(recordedAt).toISOString()).join(','),
    moments.map(([, position]) => position).join(','),
  ]);
  await addNewPublishers(tx, tables.publisher, rows.publishers);
}

async function closeAll(tx: ClientBase, table: string, closings: readonly Closing[]): Promise<void> {
  if (closings.length === 0) return;
  await tx.query(closeRows(table), [
    closings.map(({ incidentId }) => incidentId).join(','),
    closings.map(({ from }) => from).join(','),
    closings.map(({ to }) => to).join(','),
  ]);
}

async function copyInto(tx: ClientBase, target: string, lines: CopyLines): Promise<void> {
  if (lines.count > 0) {
    const copy = tx.query(copyFrom(`COPY ${target} FROM STDIN`));
    copy.end(lines.bytes);
    await finished(copy);
  }
  lines.release();
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
