import { DEFAULT_LOG_ID } from '#app/log';
import { createPool, withTransaction } from '#app/runtime';
import { parseCheckpoint, parseNote, type TreeHead } from '#app/transparency';
import type { PoolClient } from 'pg';
import { CommandError, EXIT } from '../exit-codes.js';
import type { Output } from '../terminal/output.js';
import type { NewBackupFolder } from './backup-folder.js';
import type { LedgerManifest, SavedCheckpoint, SavedTable, VaultManifest } from './manifest.js';
import { ledgerTables, saveTable, sequences, vaultTables } from './saved-tables.js';

/** Everything that was read of the database, at one moment of it. */
export interface Snapshot {
  ledger: Omit<LedgerManifest, 'tiles' | 'publishedMeanwhile' | 'checkpoint'>;
  vault: VaultManifest | null;
  /**
   * The checkpoint that was published then; null before the first. `signed`: the newest that was signed, which may wait for
   * witnesses: a notary goes on from its tiles, which are in the folder before it is signed.
   */
  published: { note: string; checkpoint: SavedCheckpoint; signed: TreeHead } | null;
  /** Public keys and policy, as the notary has written them down. */
  identity: { vkeys: string; policy: string } | null;
}

interface Folders {
  ledger: NewBackupFolder;
  vault: NewBackupFolder | null;
}

/**
 * Copies the database out of one transaction: the vault, where it is asked for, is of the same moment as the log. Nobody is
 * held up meanwhile.
 */
export async function copySnapshot(databaseUrl: string, folders: Folders, output: Output): Promise<Snapshot> {
  const pool = createPool(databaseUrl, { role: 'ledger_backup', max: 1, applicationName: 'ledger-cli-backup' });
  const progress = output.progress('copying', null, 'rows');
  try {
    return await withTransaction(
      pool,
      async (tx) => {
        // Text that reads the same whatever the server's settings are.
        await tx.query(`SET LOCAL datestyle = 'ISO, YMD'`);
        await tx.query('SET LOCAL extra_float_digits = 3');
        const described = await describe(tx);
        const tables = await ledgerTables(tx);
        let total = tables.reduce((sum, { rows }) => sum + rows, 0);
        let before = 0;
        const save = async (table: (typeof tables)[number], into: NewBackupFolder): Promise<SavedTable> => {
          const saved = await saveTable(tx, table, {
            into,
            onRows: (rows) => progress.update(before + rows, Math.max(total, before + rows)),
          });
          before += saved.rows;
          return saved;
        };
        const ledger: SavedTable[] = [];
        for (const table of tables) ledger.push(await save(table, folders.ledger));
        const standing = { sequences: await sequences(tx), logins: await logins(tx) };
        const published = await publishedCheckpoint(tx);
        const identity = await readIdentity(tx);
        let vault: VaultManifest | null = null;
        if (folders.vault !== null) {
          // Its own right: whoever backs up the log need not be able to read the vault.
          await tx.query('SET LOCAL ROLE ledger_keys');
          const found = await vaultTables(tx);
          total += found.reduce((sum, { rows }) => sum + rows, 0);
          const saved: SavedTable[] = [];
          for (const table of found) saved.push(await save(table, folders.vault));
          vault = { v: 1, kind: 'vault', ...described, tables: saved };
        }
        return {
          ledger: { v: 1, kind: 'ledger', ...described, tables: ledger, ...standing },
          vault,
          published,
          identity,
        };
      },
      'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
    );
  } finally {
    progress.stop();
    await pool.end();
  }
}

async function describe(
  tx: PoolClient,
): Promise<Pick<LedgerManifest, 'log' | 'position' | 'takenAt' | 'postgres' | 'migrations'>> {
  const head = await tx.query<{ log: string; position: number; at: Date; postgres: string }>(
    `SELECT log, next_position - 1 AS position, clock_timestamp() AS at, current_setting('server_version') AS postgres
       FROM ledger.head WHERE log_id = $1`,
    [DEFAULT_LOG_ID],
  );
  const migrations = await tx.query<{ migration: string }>(
    'SELECT migration FROM public.ledger_schema ORDER BY migration',
  );
  const [found] = head.rows;
  if (found === undefined) throw new CommandError('There is no log in the database: nothing to back up.', EXIT.failed);
  const { log, position, at, postgres } = found;
  return {
    log,
    position,
    takenAt: at.toISOString(),
    postgres,
    migrations: migrations.rows.map((row) => row.migration),
  };
}

async function publishedCheckpoint(tx: PoolClient): Promise<Snapshot['published']> {
  const { rows } = await tx.query<{ note: string }>(
    `SELECT note FROM notary.checkpoint
      WHERE log_id = $1 AND size >= (SELECT max(size) FROM notary.checkpoint WHERE log_id = $1 AND published_at IS NOT NULL)
      ORDER BY size`,
    [DEFAULT_LOG_ID],
  );
  const [published, newest] = [rows[0], rows.at(-1)];
  if (published === undefined || newest === undefined) return null;
  const { origin, size, root } = parseCheckpoint(parseNote(published.note).text);
  return {
    note: published.note,
    checkpoint: { origin, size, root: root.toString('base64') },
    signed: parseCheckpoint(parseNote(newest.note).text),
  };
}

async function readIdentity(tx: PoolClient): Promise<Snapshot['identity']> {
  const { rows } = await tx.query<{ vkeys: string; policy: string }>(
    'SELECT vkeys, policy FROM notary.identity WHERE log_id = $1',
    [DEFAULT_LOG_ID],
  );
  return rows[0] ?? null;
}

async function logins(tx: PoolClient): Promise<LedgerManifest['logins']> {
  const { rows } = await tx.query<LedgerManifest['logins'][number]>(`
    SELECT m.rolname::text AS login, array_agg(r.rolname::text ORDER BY r.rolname) AS roles
      FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid JOIN pg_roles m ON m.oid = a.member
     WHERE r.rolname LIKE 'ledger\\_%' AND m.rolcanlogin AND NOT m.rolsuper
     GROUP BY m.rolname ORDER BY 1`);
  return rows;
}
