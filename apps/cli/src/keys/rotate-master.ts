import {
  addMasterKey,
  changeMasterKey,
  checkMasterKey,
  dropOldMasterKeys,
  MasterKey,
  readMasterKeyFile,
  type Rewrapped,
  rewrapKeys,
} from '#app/log';
import type { Pool } from 'pg';
import { CommandError, EXIT } from '../exit-codes.js';

/** What a rotation did. */
export interface MasterRotation {
  /** In the vault. */
  keys: number;
  rewrapped: number;
  /** Opened by no key of the file; then no key is taken out of it. */
  unreadable: number;
  /** Keys taken out of the file. */
  dropped: number;
}

interface RotationOptions {
  keepOld: boolean;
  /** Every key is looked at twice: to wrap it again, and to see that nothing is left. */
  onProgress: (seen: number, total: number) => void;
}

/**
 * Puts a new key into the file; every process that reads it can open what either key wrapped, and still wraps by the old one.
 *
 * @returns how many keys the file holds
 * @throws CommandError when a new key waits there already; MasterKeyError when the file is not the one of this vault
 */
export async function prepareMaster(pool: Pool, file: string): Promise<number> {
  await checkMasterKey(pool, MasterKey.fromFile(file));
  const { length } = readMasterKeyFile(file);
  if (length > 1) {
    const next = 'ledger keys rotate master changes over to the first and takes the others out';
    throw new CommandError(`${file} holds ${length} keys already: ${next}.`, EXIT.failed);
  }
  addMasterKey(file);
  return length + 1;
}

/**
 * Replaces the master key: a new key in the file unless one waits there, then the change over, then every key of the vault
 * wrapped again, and the old keys out of the file when a whole pass has found nothing that needs them. Each step is found
 * done by the next run, wherever this one is interrupted.
 */
export async function rotateMaster(pool: Pool, file: string, options: RotationOptions): Promise<MasterRotation> {
  if (readMasterKeyFile(file).length === 1) await prepareMaster(pool, file);
  // Read after the new key is on disk: from the change over on, that copy opens the vault.
  const masterKey = MasterKey.fromFile(file);
  await changeMasterKey(pool, masterKey);
  const total = 2 * (await keysIn(pool));
  let seenBefore = 0;
  const passOver = async (): Promise<Rewrapped> => {
    const pass = await rewrapKeys(pool, masterKey, ({ seen }) =>
      options.onProgress(seenBefore + seen, Math.max(seenBefore + seen, total)),
    );
    seenBefore += pass.seen;
    return pass;
  };
  let rewrapped = 0;
  let pass = await passOver();
  while (pass.rewrapped > 0) {
    rewrapped += pass.rewrapped;
    pass = await passOver();
  }
  const { seen: keys, unreadable } = pass;
  const dropped = options.keepOld || unreadable > 0 ? 0 : dropOldMasterKeys(file);
  return { keys, rewrapped, unreadable, dropped };
}

async function keysIn(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ keys: number }>('SELECT count(*)::float8 AS keys FROM vault.key');
  return rows[0]?.keys ?? 0;
}
