import { createPool } from '#app/runtime';
import type { Pool } from 'pg';
import { type Environment, needDatabase } from '../environment.js';
import { CommandError, EXIT, usageError } from '../exit-codes.js';

const LOCK = "hashtext('ledger.keys.rotate')";

/** @throws CommandError with exit code 2 */
export function masterKeyFileOf({ masterKeyFile }: Environment): string {
  if (masterKeyFile === null)
    throw usageError('LEDGER_MASTER_KEY_FILE is not set: it names the file of the master key.');
  return masterKeyFile;
}

/**
 * Works on the vault with the rights of `ledger_keys`, one command at a time.
 * @throws CommandError when another one is at work
 */
export async function withVault<T>(environment: Environment, work: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = createPool(needDatabase(environment), {
    role: 'ledger_keys',
    max: 2,
    applicationName: 'ledger-cli-keys',
  });
  try {
    const session = await pool.connect();
    try {
      const { rows } = await session.query<{ alone: boolean }>(`SELECT pg_try_advisory_lock(${LOCK}) AS alone`);
      if (rows[0]?.alone !== true) throw new CommandError('Another ledger keys rotate is at work.', EXIT.failed);
      return await work(pool);
    } finally {
      // Thrown away: the lock goes with the connection.
      session.release(true);
    }
  } finally {
    await pool.end();
  }
}
