import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { checkMasterKey, MasterKey, MasterKeyError } from '#app/log';
import { migrate, withTransaction } from '#app/runtime';
import type { Pool } from 'pg';
import { checkBackupFolder } from '../backup/backup-folder.js';
import type { LedgerManifest, VaultManifest } from '../backup/manifest.js';
import { action, type Context } from '../command-context.js';
import { type Environment, needDatabase } from '../environment.js';
import { CommandError, EXIT, usageError } from '../exit-codes.js';
import { type ErasuresChecked, eraseAllAgain } from '../keys/erase-again.js';
import { masterKeyFileOf } from '../keys/vault.js';
import type { Output } from '../terminal/output.js';
import { gather, policyOfNotary, readTrust } from '../verify/trust.js';
import { verifyLog } from '../verify/verify-log.js';
import { VerifyReport } from '../verify/verify-report.js';
import { loadTables, setSequences } from './load-tables.js';
import { nextSteps } from './next-steps.js';
import { assertLogFolder, type PublishedFolder, restoreTiles } from './restore-tiles.js';
import { assertKnown, markBegun, markDone, missingLogins, openTarget } from './target-database.js';

interface RestoreOptions {
  vault?: string;
  /** False: `--no-tiles`. */
  tiles?: string | false;
  key?: string[];
}

export function registerRestore(program: Command): void {
  program
    .command('restore')
    .description('bring a backup into an empty database, check it against the published log, say what to do next')
    .argument('<folder>', 'as `ledger backup` wrote it')
    .option('--vault <folder>', 'also the keys of committed values; what was erased since is erased again')
    .option('--tiles <dir>', 'where the published log is to be; default: LEDGER_TILES_DIR. One that is there stays')
    .option('--no-tiles', 'without the published log')
    .option('--key <vkey|file>', 'public key of the log; default: as the backup names it', gather)
    .action(action(restore));
}

async function restore({ environment, output }: Context, folder: string, options: RestoreOptions): Promise<number> {
  const url = needDatabase(environment);
  const tiles = options.tiles === false ? null : (options.tiles ?? environment.tilesDir);
  if (options.tiles !== false && tiles === null) {
    throw usageError('say by --tiles or LEDGER_TILES_DIR where the published log is to be, or --no-tiles.');
  }
  // Whatever can be refused is refused before anything is written.
  if (tiles !== null) await assertLogFolder(tiles);
  const masterKey = options.vault === undefined ? null : readMasterKey(environment);
  const manifest = await checkBackupFolder(folder, 'ledger', output);
  const vault = options.vault === undefined ? null : await checkVault(options.vault, manifest, output);
  assertKnown(manifest);

  const parts = { manifest, vault: vault?.manifest ?? null };
  const { pool, isLoaded } = await openTarget(url, parts, output);
  try {
    if (isLoaded) output.note('the rows are there: going on where this restore was interrupted');
    else await load(pool, { folder, manifest, vault, masterKey }, output);
    output.note('bringing the tables up to date');
    await migrate(url);
    await pool.query('ANALYZE');
    const erased = masterKey === null ? null : await eraseAllAgain(environment, masterKey);
    const published = tiles === null || manifest.checkpoint === null ? null : await restoreTiles(folder, tiles, output);
    const hasVault = vault !== null && vault.manifest.position >= manifest.position;
    const report = published === null ? null : await verify({ pool, published, options, hasVault }, output);
    const logins = await missingLogins(pool, manifest);
    const code = tell({ ...parts, erased, published, report, logins }, output);
    // Only what was told is done: killed before this it is run again, and tells it again.
    await markDone(pool);
    return code;
  } catch (error) {
    if (error instanceof MasterKeyError) throw new CommandError(error.message, EXIT.failed);
    throw error;
  } finally {
    await pool.end();
  }
}

function readMasterKey(environment: Environment): MasterKey {
  try {
    return MasterKey.fromFile(masterKeyFileOf(environment));
  } catch (error) {
    // Without it nobody could tell whether an erased value can be read again.
    if (error instanceof MasterKeyError) throw usageError(`${error.message}: --vault needs the master key.`);
    throw error;
  }
}

interface VaultBackup {
  folder: string;
  manifest: VaultManifest;
}

async function checkVault(folder: string, { log }: LedgerManifest, output: Output): Promise<VaultBackup> {
  const manifest = await checkBackupFolder(folder, 'vault', output);
  if (manifest.log !== log) throw usageError(`The vault in ${folder} is that of another log.`);
  return { folder, manifest };
}

interface ToLoad {
  folder: string;
  manifest: LedgerManifest;
  vault: VaultBackup | null;
  /** That of the vault. */
  masterKey: MasterKey | null;
}

async function load(pool: Pool, { folder, manifest, vault, masterKey }: ToLoad, output: Output): Promise<void> {
  const parts = vault === null ? [{ folder, manifest }] : [{ folder, manifest }, vault];
  const total = parts.flatMap((part) => part.manifest.tables).reduce((sum, { rows }) => sum + rows, 0);
  const progress = output.progress('restoring', total, 'rows');
  try {
    await withTransaction(pool, async (tx) => {
      let before = 0;
      for (const part of parts) {
        await loadTables(tx, part, (rows) => progress.update(before + rows));
        before += part.manifest.tables.reduce((sum, { rows }) => sum + rows, 0);
      }
      await setSequences(tx, manifest);
      if (masterKey !== null) await checkMasterKey(tx, masterKey);
      await markBegun(tx, { manifest, vault: vault?.manifest ?? null });
    });
  } finally {
    progress.stop();
  }
}

interface ToVerify {
  pool: Pool;
  published: PublishedFolder;
  options: RestoreOptions;
  /** Whether the vault has the keys of every event. */
  hasVault: boolean;
}

/** Every row against every published leaf: the last word on whether it was restored. */
async function verify({ pool, published, options, hasVault }: ToVerify, output: Output): Promise<VerifyReport> {
  const { rows } = await pool.query<{ vkeys: string }>('SELECT vkeys FROM notary.identity');
  const { key } = options;
  const policy = key === undefined ? policyOfNotary(rows[0] ?? null) : await readTrust({ key }, output);
  const report = new VerifyReport();
  const sealed = hasVault ? { db: pool, masterKey: null } : null;
  const of = { log: published.folder, policy, jobs: availableParallelism(), limit: 20, database: { db: pool, sealed } };
  await report.attempt('log', () => verifyLog(of, report, output));
  return report;
}

interface Restored {
  manifest: LedgerManifest;
  vault: VaultManifest | null;
  erased: ErasuresChecked | null;
  published: PublishedFolder | null;
  report: VerifyReport | null;
  logins: LedgerManifest['logins'];
}

function tell({ report, ...restored }: Restored, output: Output): number {
  const { manifest, published } = restored;
  const isBehind = published !== null && published.size > manifest.position + 1;
  const steps = nextSteps({ ...restored, isBehind, isOk: report?.isOk ?? null });
  output.result(
    {
      position: manifest.position,
      takenAt: manifest.takenAt,
      erasedAgain: restored.erased,
      published,
      verified: report?.isOk ?? null,
      checks: report?.checks ?? [],
      missingLogins: restored.logins,
      next: steps,
    },
    [...(report?.lines() ?? []), ...steps],
  );
  return report === null || report.isOk ? EXIT.ok : EXIT.failed;
}
