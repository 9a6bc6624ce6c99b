import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { PoolClient } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { NewBackupFolder } from './backup-folder.js';
import type { SavedSequence, SavedTable } from './manifest.js';

interface FoundTable {
  table: string;
  columns: string[];
  /** Null for a table without a primary key. */
  key: string[] | null;
  /** As the statistics have it. */
  rows: number;
}

/** What follows from the log is no part of a backup, nor is what PostgreSQL and the migrations keep for themselves. */
const DERIVED = ['read_model', 'scratch'];

/** Partitions come with their parents. */
const TABLES = `
  SELECT format('%I.%I', n.nspname, c.relname) AS table,
         (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
         (SELECT array_agg(a.attname::text ORDER BY k.n)
            FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, n), pg_attribute a
           WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid AND a.attnum = k.attnum) AS key,
         greatest(0, (SELECT sum(greatest(p.reltuples, 0)) FROM pg_class p
                       WHERE p.oid = c.oid OR p.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = c.oid)))::float8 AS rows
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname !~ '^pg_' AND n.nspname <> ALL ($1)
     AND ($2::text IS NULL OR n.nspname = $2)
   ORDER BY 1`;

const SEQUENCES = `
  SELECT format('%I.%I', schemaname, sequencename) AS sequence, last_value AS last FROM pg_sequences
   WHERE last_value IS NOT NULL AND schemaname <> ALL ($1) ORDER BY 1`;

const NEVER = ['information_schema', 'public', ...DERIVED];

/** Everything of the log and beside it that cannot be derived, but the vault. */
export async function ledgerTables(tx: PoolClient): Promise<FoundTable[]> {
  return (await tx.query<FoundTable>(TABLES, [[...NEVER, 'vault'], null])).rows;
}

export async function vaultTables(tx: PoolClient): Promise<FoundTable[]> {
  return (await tx.query<FoundTable>(TABLES, [NEVER, 'vault'])).rows;
}

export async function sequences(tx: PoolClient): Promise<SavedSequence[]> {
  return (await tx.query<SavedSequence>(SEQUENCES, [[...NEVER, 'vault']])).rows;
}

/**
 * Writes one table as COPY text, which every later PostgreSQL reads, in the order of its key: what refers to earlier rows
 * comes after them.
 *
 * @param onRows told how many rows came, now and then
 */
export async function saveTable(
  tx: PoolClient,
  { table, columns, key }: FoundTable,
  { into, onRows }: { into: NewBackupFolder; onRows: (rows: number) => void },
): Promise<SavedTable> {
  const file = path.posix.join('tables', `${table}.copy.gz`);
  const [hash, lines] = [createHash('sha256'), new LineCount(onRows)];
  const order = key === null ? '' : ` ORDER BY ${listOf(key)}`;
  await mkdir(path.dirname(into.pathOf(file)), { recursive: true, mode: 0o700 });
  await pipeline(
    tx.query(copyTo(`COPY (SELECT ${listOf(columns)} FROM ${table}${order}) TO STDOUT`)),
    lines,
    createGzip({ level: 1 }),
    tapped(hash),
    createWriteStream(into.pathOf(file), { flags: 'wx', mode: 0o600, flush: true }),
  );
  into.wrote(file, hash.digest('hex'));
  return { table, columns, rows: lines.count, file };
}

/** Quoted, with commas. */
export function listOf(columns: readonly string[]): string {
  return columns.map((column) => `"${column.replaceAll('"', '""')}"`).join(', ');
}

const LINE_FEED = 0x0a;

/** A row of COPY text is a line: line feeds in values are escaped. */
class LineCount extends Transform {
  count = 0;

  constructor(private readonly onRows: (rows: number) => void) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: (error: null, chunk: Buffer) => void): void {
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, at + 1)) this.count += 1;
    this.onRows(this.count);
    done(null, chunk);
  }
}

function tapped(hash: { update(chunk: Buffer): unknown }): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
}
