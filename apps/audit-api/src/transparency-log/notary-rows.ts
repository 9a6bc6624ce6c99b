import { DEFAULT_LOG_ID } from '#app/log';
import type { TreeHead } from '#app/transparency';
import type { Pool } from 'pg';

/** What the public needs to check the log, as the notary has written it down. */
export interface Identity {
  /** Verifier keys, one a line. */
  vkeys: string;
  /** C2SP tlog-policy. */
  policy: string;
}

/** Null before the first start of the notary. */
export async function readIdentity(pool: Pool): Promise<Identity | null> {
  const { rows } = await pool.query<Identity>('SELECT vkeys, policy FROM notary.identity WHERE log_id = $1', [
    DEFAULT_LOG_ID,
  ]);
  return rows[0] ?? null;
}

/** A checkpoint that was signed. */
export interface SignedCheckpoint extends TreeHead {
  note: string;
}

/** Null where none was signed at this size. */
export async function findCheckpoint(pool: Pool, size: number): Promise<SignedCheckpoint | null> {
  const { rows } = await pool.query<Omit<SignedCheckpoint, 'size'>>(
    'SELECT root, note FROM notary.checkpoint WHERE log_id = $1 AND size = $2',
    [DEFAULT_LOG_ID, size],
  );
  return rows[0] === undefined ? null : { size, ...rows[0] };
}
