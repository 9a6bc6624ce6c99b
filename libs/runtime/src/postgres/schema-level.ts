import { migrationFiles } from './migration-files.js';

/** A pool, a client, or what can be asked like one. */
export interface Asking {
  query(sql: string): Promise<{ rows: unknown[] }>;
}

/** What this version expects of a database, and what it found there. */
export interface SchemaLevel {
  /** The last migration of this version. */
  expected: string;
  /** Migrations of this version that the database does not have. */
  missing: string[];
  /** Migrations of a later version that the database has; work goes on unless one of them is breaking. */
  ahead: string[];
  /** Of these, those that this version cannot work with. */
  breaking: string[];
}

const UNDEFINED_TABLE = '42P01';
let known: string[] | undefined;

/** Compares a database with this version. @throws whatever the database says when it does not answer */
export async function schemaLevel(database: Asking): Promise<SchemaLevel> {
  known ??= migrationFiles().map(({ name }) => name);
  const applied = await appliedTo(database);
  const ahead = [...applied.keys()].filter((name) => !known?.includes(name)).toSorted();
  return {
    expected: known.at(-1) ?? '',
    missing: known.filter((name) => !applied.has(name)),
    ahead,
    breaking: ahead.filter((name) => applied.get(name)),
  };
}

/** A sentence about what is wrong; null when this version can work with the database. */
export function schemaProblem({ missing, breaking }: SchemaLevel): { code: string; reason: string } | null {
  if (missing.length > 0) {
    const reason = `the database is older than this version: run the migrations (missing: ${missing.join(', ')})`;
    return { code: 'SCHEMA_BEHIND', reason };
  }
  if (breaking.length > 0) {
    const reason = `the database is newer than this version can work with: start the new version (${breaking.join(', ')})`;
    return { code: 'SCHEMA_AHEAD', reason };
  }
  return null;
}

async function appliedTo(database: Asking): Promise<Map<string, boolean>> {
  try {
    const { rows } = await database.query('SELECT migration, breaking FROM public.ledger_schema');
    return new Map(
      (rows as { migration: string; breaking: boolean }[]).map(({ migration, breaking }) => [migration, breaking]),
    );
  } catch (error) {
    // A database that nobody has migrated, or only a version that kept no such list.
    if ((error as { code?: string }).code === UNDEFINED_TABLE) return new Map();
    throw error;
  }
}
