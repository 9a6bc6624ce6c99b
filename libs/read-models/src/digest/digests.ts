import type { ClientBase } from 'pg';
import type { Tables } from '../project/tables.js';
import { type ComparedTable, READ_MODEL_TABLES, type ReadModelTable } from '../rows.js';
import { checksumQuery, type DigestRange, digestQuery } from './digest-queries.js';

/** Names how rows become a digest, for those who recorded one and those who recompute it: docs/snapshots.md. */
export const DIGEST_ALGORITHM = 'rows-sha256-v1';

/** In hex: SHA-256 over the ordered SHA-256 hashes of a table's rows (digest-queries.ts). */
export type TableDigests = Record<ReadModelTable, string>;

/** By table: how many rows, and two combinations of their 64-bit hashes (digest-queries.ts). */
export type TableChecksums = Record<ReadModelTable, string>;

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

/** The same for one table. */
export function digestOf(
  db: ClientBase,
  table: ComparedTable,
  { tables, range }: { tables: Tables; range: DigestRange },
): Promise<string> {
  return ask(db, digestQuery(table, tables, range));
}

/**
 * The same for checksums, of these tables only.
 *
 * @param signal looked at before each table: what cancels a statement is lost between two of them
 */
export async function checksums(
  db: ClientBase,
  tables: Tables,
  {
    range,
    of,
    signal,
  }: { range: Parameters<typeof checksumQuery>[2]; of: readonly ComparedTable[]; signal?: AbortSignal },
): Promise<Partial<Record<ComparedTable, string>>> {
  const found: Partial<Record<ComparedTable, string>> = {};
  for (const table of of) {
    signal?.throwIfAborted();
    found[table] = await ask(db, checksumQuery(table, tables, range));
  }
  return found;
}

async function ask(db: ClientBase, query: string): Promise<string> {
  const { rows } = await db.query<{ digest: string }>(query);
  return (rows[0] as { digest: string }).digest;
}

type ByTable = Readonly<Partial<Record<string, string>>>;

/** The tables whose digests, or checksums, differ. */
export function differingTables(a: ByTable, b: ByTable): ReadModelTable[] {
  return READ_MODEL_TABLES.filter((table) => a[table] !== b[table]);
}
