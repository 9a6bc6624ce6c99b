import { setTimeout as pause } from 'node:timers/promises';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { withCertificates } from './address.js';
import { type MigrationFile, migrationFiles } from './migration-files.js';

/** Arbitrary, constant: two starts at once migrate one after the other. */
const LOCK = 4_711_001;
/**
 * A statement that waits for a lock has everybody behind it wait too: it gives up after this long, lets them pass, and the
 * migration is tried again.
 */
const LOCK_TIMEOUT_MS = 2_000;
const RETRY_MS = 500;
const LOCK_NOT_AVAILABLE = '55P03';

export interface MigrateOptions {
  /** Where they are; default: that of this version. */
  folder?: string;
  /** By name, those to apply; the others are left for later. Default: all. */
  only?: ReadonlySet<string>;
  /** For how long a migration is tried again that does not get its locks. Default: five minutes. */
  patienceMs?: number;
  /** Told before each new attempt. */
  onRetry?: (reason: string) => void;
}

/**
 * Brings a database to the current schema: the numbered SQL files of infra/postgres/migrations, in order, forward only,
 * one transaction each, remembered in `ledger_migrations`, and in `ledger_schema` for the apps, which ask whether they can
 * work with what they find. Killed anywhere, the next run goes on from the last migration that committed.
 *
 * @param databaseUrl a login that may create roles and schemas
 * @returns the names of the files that were applied now
 */
export async function migrate(databaseUrl: string, options: MigrateOptions = {}): Promise<string[]> {
  const { folder, only, patienceMs = 300_000, onRetry } = options;
  const files = migrationFiles(folder).filter(({ name }) => only?.has(name) ?? true);
  // Loaded here only: apps that never migrate are spared its 25 MB.
  const { DataSource } = await import('typeorm');
  const source = new DataSource({
    type: 'postgres',
    url: withCertificates(databaseUrl),
    applicationName: 'conflict-ledger migrate',
    migrations: files.map(toMigration),
    migrationsTableName: 'ledger_migrations',
    migrationsTransactionMode: 'each',
    synchronize: false,
    poolSize: 2,
  });
  await source.initialize();
  const lock = source.createQueryRunner();
  try {
    await lock.query(`SELECT pg_advisory_lock(${LOCK})`);
    await rememberApplied(lock, files);
    const before = await appliedNames(lock);
    await patiently(() => source.runMigrations(), { patienceMs, onRetry });
    const after = await appliedNames(lock);
    return files.map(({ name }) => name).filter((name) => after.has(name) && !before.has(name));
  } finally {
    // The lock goes with the connection.
    await source.destroy();
  }
}

/** Again and again while locks are not to be had: what was tried has been rolled back. */
async function patiently(
  work: () => Promise<unknown>,
  { patienceMs, onRetry }: { patienceMs: number; onRetry: MigrateOptions['onRetry'] },
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE || performance.now() > deadline) throw error;
      onRetry?.((error as Error).message);
    }
    await pause(RETRY_MS);
  }
}

const REMEMBER = 'INSERT INTO public.ledger_schema (migration, breaking) VALUES ($1, $2) ON CONFLICT DO NOTHING';

/** Databases that were migrated before `ledger_schema` was kept get its rows now. */
async function rememberApplied(runner: QueryRunner, files: readonly MigrationFile[]): Promise<void> {
  await runner.query(`
    CREATE TABLE IF NOT EXISTS public.ledger_schema (
      migration text PRIMARY KEY,
      breaking boolean NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT clock_timestamp())`);
  await runner.query('GRANT SELECT ON public.ledger_schema TO PUBLIC');
  const [{ there }] = (await runner.query("SELECT to_regclass('public.ledger_migrations') IS NOT NULL AS there")) as [
    { there: boolean },
  ];
  if (!there) return;
  const rows = (await runner.query('SELECT name FROM public.ledger_migrations')) as { name: string }[];
  const applied = new Set(rows.map(({ name }) => name));
  for (const file of files.filter((one) => applied.has(recordedName(one)))) {
    await runner.query(REMEMBER, [file.name, file.isBreaking]);
  }
}

async function appliedNames(runner: QueryRunner): Promise<Set<string>> {
  const rows = (await runner.query('SELECT migration FROM public.ledger_schema')) as { migration: string }[];
  return new Set(rows.map(({ migration }) => migration));
}

/** TypeORM orders migrations by the 13 digits that end their name. */
function recordedName({ name }: MigrationFile): string {
  return `${name.slice(5)}${name.slice(0, 4).padStart(13, '0')}`;
}

function toMigration(file: MigrationFile): new () => MigrationInterface {
  return class implements MigrationInterface {
    readonly name = recordedName(file);
    readonly transaction = file.inTransaction;

    async up(runner: QueryRunner): Promise<void> {
      if (file.inTransaction) {
        await runner.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
        await runner.query(file.sql);
      } else {
        // One statement at a time: several in one query would be one transaction again.
        for (const statement of file.sql.split(/;\s*$/m))
          if (/^\s*[^-\s]/m.test(statement)) await runner.query(statement);
      }
      await runner.query(REMEMBER, [file.name, file.isBreaking]);
    }

    down(): Promise<void> {
      return Promise.reject(new Error(`${file.name} has no way back: write the next migration instead`));
    }
  };
}
