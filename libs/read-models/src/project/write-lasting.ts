import { finished } from 'node:stream/promises';
import type { ClientBase } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { BatchRows } from './batch-rows.js';
import { DECISION_COLUMNS } from './decision-columns.js';
import type { Closing, LastingRows } from './lasting-rows.js';
import { RECORD_COLUMNS, RECORD_NAME } from './record-states.js';
import { REPORT_COLUMNS } from './report-columns.js';
import type { Tables } from './tables.js';
import { VERSION_COLUMNS } from './version-columns.js';

/** A table of rows that last: the columns of its name and the others, and how a closing finds its row. */
interface LastingTable {
  rows: (rows: BatchRows) => LastingRows;
  name: string;
  columns: string;
  /** Beside from_position; `c.name` and `c.part` are those of the closing. */
  match: string;
}

const LASTING: Record<'report' | 'decision' | 'record' | 'incident_version', LastingTable> = {
  report: {
    rows: ({ reports }) => reports,
    name: 'incident_id',
    columns: REPORT_COLUMNS,
    match: 'r.incident_id = c.name::uuid AND r.event_id = c.part::uuid',
  },
  decision: {
    rows: ({ decisions }) => decisions,
    name: 'incident_id',
    columns: DECISION_COLUMNS,
    match: 'r.incident_id = c.name::uuid AND r.seq = c.part::smallint',
  },
  record: {
    rows: ({ records }) => records,
    name: RECORD_NAME,
    columns: RECORD_COLUMNS,
    match: `r.kind = split_part(c.name, E'\\t', 1) AND r.key = split_part(c.name, E'\\t', 2)::uuid`,
  },
  incident_version: {
    rows: ({ versions }) => versions,
    name: 'incident_id',
    columns: `version, ${VERSION_COLUMNS}, survivor`,
    match: 'r.incident_id = c.name::uuid',
  },
};

const closeRows = (table: string, match: string): string => `
  UPDATE ${table} r SET to_position = c.to_position
    FROM unnest(string_to_array($1, ','), string_to_array($2, ',')::bigint[], string_to_array($3, ',')::bigint[],
                string_to_array($4, ','))
         AS c (name, from_position, to_position, part)
   WHERE ${match} AND r.from_position = c.from_position`;

/** Ends the rows of earlier batches that the batch closes, and adds those that it opens. */
export async function writeLasting(tx: ClientBase, tables: Tables, rows: BatchRows): Promise<void> {
  for (const [table, { match, ...lasting }] of Object.entries(LASTING)) {
    await closeAll(tx, closeRows(tables[table as keyof typeof LASTING], match), lasting.rows(rows).closings);
  }
  for (const [table, { name, columns, ...lasting }] of Object.entries(LASTING)) {
    const target = `${tables[table as keyof typeof LASTING]} (${name}, from_position, to_position, ${columns})`;
    await copyInto(tx, target, lasting.rows(rows));
  }
}

async function closeAll(tx: ClientBase, statement: string, closings: readonly Closing[]): Promise<void> {
  if (closings.length === 0) return;
  const { rowCount } = await tx.query(statement, [
    closings.map(({ name }) => name).join(','),
    closings.map(({ from }) => from).join(','),
    closings.map(({ to }) => to).join(','),
    closings.map(({ part }) => part).join(','),
  ]);
  // A row that is not there is a memory that no longer mirrors the tables: every later figure would be wrong.
  if (rowCount !== closings.length)
    throw new Error(`${closings.length} rows were to be closed, ${rowCount} were found`);
}

/** What COPY takes in one go. */
interface CopiedRows {
  format: 'text' | 'binary';
  count: number;
  bytes: Buffer;
  release: () => void;
}

/** @param target table and columns */
export async function copyInto(tx: ClientBase, target: string, rows: CopiedRows): Promise<void> {
  if (rows.count > 0) {
    const copy = tx.query(copyFrom(`COPY ${target} FROM STDIN (FORMAT ${rows.format})`));
    copy.end(rows.bytes);
    await finished(copy);
  }
  rows.release();
}
