import { createReadStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { LedgerManifest, SavedTable, VaultManifest } from '../backup/manifest.js';
import { listOf } from '../backup/saved-tables.js';
import { CommandError, EXIT } from '../exit-codes.js';

/** What a backup of a table needs to be there before it. */
const REFERENCES = `
  SELECT o.conrelid::regclass::text AS table, o.confrelid::regclass::text AS "on"
    FROM pg_constraint o WHERE o.contype = 'f' AND o.conrelid <> o.confrelid`;

/** Its row says how many positions there are, and so which partitions. */
const HEAD = 'ledger.head';

/**
 * Loads every table of a backup in the caller's transaction: all of it is there afterwards, or nothing.
 *
 * @throws CommandError when a table does not take as many rows as were saved
 */
export async function loadTables(
  tx: PoolClient,
  { folder, manifest }: { folder: string; manifest: LedgerManifest | VaultManifest },
  onRows: (rows: number) => void,
): Promise<void> {
  await tx.query(`SET LOCAL datestyle = 'ISO, YMD'`);
  let loaded = 0;
  for (const saved of await inOrder(tx, manifest.tables)) {
    const into = tx.query(copyFrom(`COPY ${saved.table} (${listOf(saved.columns)}) FROM STDIN`));
    await pipeline(createReadStream(path.join(folder, saved.file)), createGunzip(), into);
    if (into.rowCount !== saved.rows) {
      throw new CommandError(`${saved.table} took ${into.rowCount} rows of ${saved.rows}.`, EXIT.failed);
    }
    if (saved.table === HEAD) await makePartitions(tx);
    loaded += saved.rows;
    onRows(loaded);
  }
}

/** Sequences go on where they stood, or the next row would have a number that is taken. */
export async function setSequences(tx: PoolClient, { sequences }: LedgerManifest): Promise<void> {
  for (const { sequence, last } of sequences) await tx.query('SELECT setval($1::regclass, $2)', [sequence, last]);
}

async function makePartitions(tx: PoolClient): Promise<void> {
  await tx.query('SELECT ledger.ensure_event_partition(next_position) FROM ledger.head');
}

/** The head first, then each table after those that it refers to. */
async function inOrder(tx: PoolClient, tables: readonly SavedTable[]): Promise<SavedTable[]> {
  const { rows: references } = await tx.query<{ table: string; on: string }>(REFERENCES);
  const ordered: SavedTable[] = tables.filter(({ table }) => table === HEAD);
  let left = tables.filter(({ table }) => table !== HEAD);
  while (left.length > 0) {
    const waiting = new Set(left.map(({ table }) => table));
    const next = left.filter(({ table }) => !references.some((one) => one.table === table && waiting.has(one.on)));
    if (next.length === 0) throw new Error(`tables refer to each other in a circle: ${[...waiting].join(', ')}`);
    ordered.push(...next);
    left = left.filter((table) => !next.includes(table));
  }
  return ordered;
}
