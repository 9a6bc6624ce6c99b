import { createPool, migrate, migrationFiles } from '#app/runtime';
import type { Pool, PoolClient } from 'pg';
import type { LedgerManifest, VaultManifest } from '../backup/manifest.js';
import { CommandError, EXIT, usageError } from '../exit-codes.js';
import type { Output } from '../terminal/output.js';

/** @throws CommandError when this version lacks a migration that the backup has: then it does not know what is in it */
export function assertKnown({ migrations }: LedgerManifest): void {
  const known = new Set(migrationFiles().map(({ name }) => name));
  const unknown = migrations.filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  throw new CommandError(
    `The backup was made by a later version: this one does not know ${unknown.join(', ')}. Nothing was restored.`,
    EXIT.failed,
  );
}

/** What is restored, as far as another run has to know whether it is the same. */
export interface Parts {
  manifest: LedgerManifest;
  vault: VaultManifest | null;
}

/**
 * The database to restore into, with the schema that the backup was taken of. Empty means: nothing in it at all, or our
 * tables without a row, as an interrupted restore leaves them; or all rows of the very same backup, when it was interrupted later.
 *
 * @throws CommandError with exit code 2 for any other
 */
export async function openTarget(
  url: string,
  parts: Parts,
  output: Output,
): Promise<{ pool: Pool; isLoaded: boolean }> {
  const pool = createPool(url, { max: 2, applicationName: 'ledger-cli-restore' });
  try {
    const { rows } = await pool.query<{ tables: number; ours: boolean; begun: boolean }>(`
      SELECT count(*)::int AS tables, to_regclass('ledger.head') IS NOT NULL AS ours,
             to_regclass('${MARK}') IS NOT NULL AS begun
        FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`);
    const [found] = rows;
    if (found?.begun === true) {
      await assertSame(pool, parts);
      return { pool, isLoaded: true };
    }
    if (found?.ours === true) await assertNoRows(pool, parts.manifest);
    else if (found?.tables !== 0) throw notEmpty('it holds tables that are not ours');
    output.note('making the tables');
    await migrate(url, { only: new Set(parts.manifest.migrations) });
    return { pool, isLoaded: false };
  } catch (error) {
    await pool.end();
    throw error;
  }
}

/** There from the moment when the rows are, until all that has to follow was done. */
const MARK = 'public.ledger_restore';

/** In the transaction that loads the rows. Whoever finds it goes on from there. */
export async function markBegun(tx: PoolClient, parts: Parts): Promise<void> {
  await tx.query(`CREATE TABLE ${MARK} (backup text NOT NULL)`);
  await tx.query(`INSERT INTO ${MARK} VALUES ($1)`, [nameOf(parts)]);
}

export async function markDone(pool: Pool): Promise<void> {
  await pool.query(`DROP TABLE ${MARK}`);
}

function nameOf({ manifest, vault }: Parts): string {
  const keys = vault === null ? 'without a vault' : `with the vault of ${vault.takenAt}`;
  return `the backup of ${manifest.takenAt} up to position ${manifest.position} of log ${manifest.log}, ${keys}`;
}

async function assertSame(pool: Pool, parts: Parts): Promise<void> {
  const { rows } = await pool.query<{ backup: string }>(`SELECT backup FROM ${MARK}`);
  const begun = rows[0]?.backup ?? 'something else';
  if (begun === nameOf(parts)) return;
  throw notEmpty(`a restore of ${begun} was interrupted in it. Run that one again, or name an empty database`);
}

async function assertNoRows(pool: Pool, { tables, migrations }: LedgerManifest): Promise<void> {
  const applied = await pool
    .query<{ migration: string }>('SELECT migration FROM public.ledger_schema')
    .catch(() => ({ rows: [] }));
  const later = applied.rows.map(({ migration }) => migration).filter((name) => !migrations.includes(name));
  if (later.length > 0) {
    throw notEmpty(`it has migrations that the backup does not have (${later.join(', ')}): name an empty one`);
  }
  for (const { table } of tables) {
    // A table of a later migration than those that an interrupted restore got to.
    const { rows: there } = await pool.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [
      table,
    ]);
    if (there[0]?.there !== true) continue;
    const { rows } = await pool.query(`SELECT FROM ${table} LIMIT 1`);
    if (rows.length > 0) throw notEmpty(`there are rows in ${table}`);
  }
}

function notEmpty(why: string): Error {
  return usageError(`The database is not empty: ${why}. Restoring never overwrites; nothing was restored.`);
}

/** Logins that had a role of ours and are not on this server. They have passwords, so a person has to make them. */
export async function missingLogins(pool: Pool, { logins }: LedgerManifest): Promise<LedgerManifest['logins']> {
  const { rows } = await pool.query<{ name: string }>(
    'SELECT rolname::text AS name FROM pg_roles WHERE rolname = ANY ($1)',
    [logins.map(({ login }) => login)],
  );
  return logins.filter(({ login }) => !rows.some(({ name }) => name === login));
}
