import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { CHECKPOINT_FILE, parseCheckpoint, parseNote, tileReader, TreeProver } from '#app/transparency';
import { action, type Context } from '../command-context.js';
import { needDatabase } from '../environment.js';
import { CommandError, EXIT, usageError } from '../exit-codes.js';
import { count, type Output } from '../terminal/output.js';
import { openSource } from '../verify/log-source.js';
import { gather, policyOfNotary } from '../verify/trust.js';
import { verifyLog } from '../verify/verify-log.js';
import { VerifyReport } from '../verify/verify-report.js';
import { NewBackupFolder } from './backup-folder.js';
import { copyKeys } from './copy-keys.js';
import { type LedgerManifest, TILES } from './manifest.js';
import { saveTiles } from './save-tiles.js';
import { copySnapshot, type Snapshot } from './snapshot.js';

interface BackupOptions {
  vault?: string;
  /** False: `--no-tiles`. */
  tiles?: string | false;
  keyFile?: string[];
  keys?: string;
}

export function registerBackup(program: Command): void {
  program
    .command('backup')
    .description('copy the log and what belongs to it into a folder, at one moment, while everything runs')
    .argument('<folder>', 'a new folder')
    .option('--vault <folder>', 'also the keys of committed values, into a new folder elsewhere')
    .option('--tiles <dir|url>', 'the published log; default: LEDGER_TILES_DIR')
    .option('--no-tiles', 'without the published log')
    .option('--key-file <file>', 'also a master or signing key, into --keys; can be given again', gather)
    .option('--keys <folder>', 'a new folder for what --key-file names')
    .action(action(backup));
}

async function backup({ environment, output }: Context, folder: string, options: BackupOptions): Promise<number> {
  const databaseUrl = needDatabase(environment);
  const tiles = options.tiles === false ? null : (options.tiles ?? environment.tilesDir);
  if (options.tiles !== false && tiles === null) {
    throw usageError('name the published log by --tiles or LEDGER_TILES_DIR, or say --no-tiles.');
  }
  const { vault, keys, keyFile = [] } = options;
  if ((keys === undefined) !== (keyFile.length === 0)) throw usageError('--key-file and --keys go together.');
  assertApart([folder, vault, keys].filter((one) => one !== undefined));
  const source = tiles === null ? null : openSource(tiles);
  const into = await NewBackupFolder.make(folder);
  const vaultInto = vault === undefined ? null : await NewBackupFolder.make(vault);
  if (keys !== undefined) await copyKeys(keyFile, keys, output);

  const snapshot = await copySnapshot(databaseUrl, { ledger: into, vault: vaultInto }, output);
  // After the database: whatever it holds as published is in the folder by then.
  const published = source === null ? null : snapshot.published;
  const saved = published === null || source === null ? null : await copyTiles(source.read, published, into, output);
  const latest = (await source?.read(CHECKPOINT_FILE)) ?? null;
  const manifest: LedgerManifest = {
    ...snapshot.ledger,
    checkpoint: published?.checkpoint ?? null,
    publishedMeanwhile: latest === null ? null : parseCheckpoint(parseNote(latest).text).size,
    tiles: saved,
  };
  if (saved !== null) await verifyCopy(into.pathOf(TILES), snapshot, output);
  if (vaultInto !== null && snapshot.vault !== null) await vaultInto.finish(snapshot.vault);
  await into.finish(manifest);
  tell({ manifest, folder, vault, keys }, output);
  return EXIT.ok;
}

/** A backup that holds the vault and the log in one place could never forget what was erased. */
function assertApart(folders: readonly string[]): void {
  const paths = folders.map((folder) => path.resolve(folder));
  for (const [index, one] of paths.entries()) {
    const other = paths.find((path_, at) => at !== index && `${path_}/`.startsWith(`${one}/`));
    if (other !== undefined) throw usageError(`${other} lies in ${one}: log, vault and keys must be kept apart.`);
  }
}

async function copyTiles(
  read: ReturnType<typeof openSource>['read'],
  { note, checkpoint, signed }: NonNullable<Snapshot['published']>,
  into: NewBackupFolder,
  output: Output,
): Promise<LedgerManifest['tiles']> {
  const progress = output.progress('copying', null, 'tiles');
  try {
    return await saveTiles(
      read,
      { note, sizes: [checkpoint.size, signed.size] },
      { into, onFiles: (done, all) => progress.update(done, all) },
    );
  } finally {
    progress.stop();
  }
}

/** What was copied is checked as an auditor would, down to every leaf: a damaged folder must not become a backup. */
async function verifyCopy(tiles: string, { identity, published }: Snapshot, output: Output): Promise<void> {
  const report = new VerifyReport();
  const policy = policyOfNotary(identity);
  await verifyLog({ log: tiles, policy, jobs: availableParallelism(), limit: 20 }, report, output);
  const signed = published?.signed ?? null;
  const isSigned = signed === null || (await rootOf(tiles, signed.size)).equals(signed.root);
  if (report.isOk && isSigned) return;
  report.print(output);
  if (!isSigned) output.note(`its tiles do not give the root that was signed for ${signed.size} leaves`);
  throw new CommandError('The published log does not verify: this is no backup.', EXIT.failed);
}

function rootOf(tiles: string, size: number): Promise<Buffer> {
  return new TreeProver(size, tileReader(openSource(tiles).read)).root();
}

function tell(
  {
    manifest,
    folder,
    vault,
    keys,
  }: { manifest: LedgerManifest; folder: string; vault?: string | undefined; keys?: string | undefined },
  output: Output,
): void {
  const { position, tables, checkpoint, publishedMeanwhile } = manifest;
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const later = publishedMeanwhile !== null && publishedMeanwhile > (checkpoint?.size ?? 0);
  output.result({ folder, vault: vault ?? null, keys: keys ?? null, manifest }, [
    `${folder}: the log up to position ${position}, ${count(rows)} rows of ${tables.length} tables`,
    checkpoint === null
      ? 'no published log'
      : `the published log up to position ${checkpoint.size - 1}, every leaf and tile as signed`,
    ...(later ? [`${count(publishedMeanwhile)} leaves were published when it was finished`] : []),
    vault === undefined
      ? 'without the vault: what is committed cannot be read from it'
      : `${vault}: the vault, of the same moment`,
    keys === undefined
      ? 'no key is in it: keep master.key and signing.key yourself'
      : `${keys}: the keys that you named`,
  ]);
}
