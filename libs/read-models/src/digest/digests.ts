import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { Tables } from '../project/tables.js';
import { READ_MODEL_TABLES, type ReadModelTable } from '../rows.js';
import { type DigestRange, digestQuery } from './digest-queries.js';

/** SHA-256, in hex, over the text of COPY … TO STDOUT of a table in the order of its key. */
export type TableDigests = Record<ReadModelTable, string>;

/**
 * Digests of a set of tables as they were at a position: two generations with the same digests hold the same rows.
 *
 * With `upTo` the balances are summed from the postings, so the answer does not depend on what came later; without it
 * the kept balances are read, and at the same position both give the same digest.
 * @param db one connection; in a REPEATABLE READ transaction when `upTo` is absent and others write
 */
export async function digests(db: ClientBase, tables: Tables, range: DigestRange = {}): Promise<TableDigests> {
  const found = {} as TableDigests;
  for (const table of READ_MODEL_TABLES) found[table] = await digestOf(db, table, { tables, range });
  return found;
}

export async function digestOf(
  db: ClientBase,
  table: ReadModelTable,
  { tables, range }: { tables: Tables; range: DigestRange },
): Promise<string> {
  const hash = createHash('sha256');
  const rows = db.query(copyTo(`COPY (${digestQuery(table, tables, range)}) TO STDOUT`));
  for await (const chunk of rows) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** The tables whose digests differ. */
export function differingTables(a: Partial<TableDigests>, b: Partial<TableDigests>): ReadModelTable[] {
  return READ_MODEL_TABLES.filter((table) => a[table] !== b[table]);
}
