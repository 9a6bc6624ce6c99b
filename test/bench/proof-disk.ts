import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Pool } from 'pg';

/** What an event takes on disk, in bytes. */
export interface DiskBytes {
  leaf: number;
  bundles: number;
  tiles: number;
  /** Of the blocks that the files of both take. */
  allocated: number;
  /** ledger.event with its indexes. */
  table: number;
  /** Everything in the schemas of the log, the sealed values and the keys included. */
  schema: number;
}

export async function diskBytes(pool: Pool, folder: string, events: number): Promise<DiskBytes> {
  const total = { bundles: 0, tiles: 0, allocated: 0 };
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const { size, blocks } = statSync(path.join(entry.parentPath, entry.name));
    total[entry.parentPath.includes('entries') ? 'bundles' : 'tiles'] += size;
    total.allocated += blocks * 512;
  }
  const { rows } = await pool.query<{ leaf: number; table: number; schema: number }>(`
    SELECT (SELECT sum(octet_length(leaf)) FROM ledger.event)::float8 AS leaf,
           (SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('ledger.event'))::float8 AS table,
           (SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c
             WHERE c.relnamespace IN ('ledger'::regnamespace, 'vault'::regnamespace) AND c.relkind = 'r')::float8 AS schema`);
  const each = (bytes: number): number => Math.round(bytes / events);
  const { leaf, table, schema } = rows[0] as { leaf: number; table: number; schema: number };
  return {
    leaf: each(leaf),
    bundles: each(total.bundles),
    tiles: each(total.tiles),
    allocated: each(total.allocated),
    table: each(table),
    schema: each(schema),
  };
}
