import { type Database, DEFAULT_LOG_ID } from '#app/log';
import { withTransaction } from '#app/runtime';
import type { TreeHead } from '#app/transparency';
import type { Pool } from 'pg';

/** A checkpoint that was signed. */
export interface SignedRow extends TreeHead {
  note: string;
}

/** Another notary has signed since we looked: what we know is old. */
class OvertakenError extends Error {
  override readonly name = 'OvertakenError';
}

/** Held by whoever signs or publishes, until its transaction ends. */
const LOCK = "SELECT pg_advisory_xact_lock(hashtext('notary.checkpoint'), $1)";

const COLUMNS = 'c.size::float8 AS size, c.root, c.note';

/** The largest one; null before the first. */
export async function newestCheckpoint(db: Database): Promise<SignedRow | null> {
  const { rows } = await db.query<SignedRow & Record<string, unknown>>(
    `SELECT ${COLUMNS} FROM notary.checkpoint c WHERE c.log_id = $1 ORDER BY c.size DESC LIMIT 1`,
    [DEFAULT_LOG_ID],
  );
  return rows[0] ?? null;
}

/** Those above a size, smallest first. */
export async function checkpointsAbove(db: Database, size: number, limit: number): Promise<SignedRow[]> {
  const { rows } = await db.query<SignedRow & Record<string, unknown>>(
    `SELECT ${COLUMNS} FROM notary.checkpoint c WHERE c.log_id = $1 AND c.size > $2 ORDER BY c.size LIMIT $3`,
    [DEFAULT_LOG_ID, size, limit],
  );
  return rows;
}

/** The sizes that were signed last, largest first. */
export async function newestSizes(db: Database, limit: number): Promise<number[]> {
  const { rows } = await db.query<{ size: number }>(
    'SELECT c.size::float8 AS size FROM notary.checkpoint c WHERE c.log_id = $1 ORDER BY c.size DESC LIMIT $2',
    [DEFAULT_LOG_ID, limit],
  );
  return rows.map(({ size }) => size);
}

/**
 * Signs the next checkpoint: its row comes after `previous`, or not at all. Two notaries cannot sign two roots for one
 * size, nor can one that slept go back.
 *
 * @param sign called under the lock, once it is certain that nothing else was signed since
 * @throws OvertakenError
 */
export async function insertCheckpoint(
  pool: Pool,
  { previous, next, sign }: { previous: TreeHead | null; next: TreeHead; sign: () => string },
): Promise<void> {
  await withTransaction(pool, async (tx) => {
    await tx.query(LOCK, [DEFAULT_LOG_ID]);
    const newest = await newestCheckpoint(tx);
    const isSame = newest?.size === previous?.size && (newest === null || newest.root.equals(previous?.root ?? EMPTY));
    if (!isSame) throw new OvertakenError(`a checkpoint of ${newest?.size} leaves was signed meanwhile`);
    await tx.query('INSERT INTO notary.checkpoint (log_id, size, root, note) VALUES ($1, $2, $3, $4)', [
      DEFAULT_LOG_ID,
      next.size,
      next.root,
      sign(),
    ]);
  });
}

const EMPTY = Buffer.alloc(0);

/**
 * Replaces the published checkpoint while no other can be signed: it never goes back.
 *
 * @param replace begins at once with what cannot be taken back, or throws
 * @throws OvertakenError
 */
export async function publishCheckpoint(
  pool: Pool,
  { size, note }: { size: number; note: string },
  replace: () => Promise<void>,
): Promise<void> {
  await withTransaction(pool, async (tx) => {
    await tx.query(LOCK, [DEFAULT_LOG_ID]);
    const asked = performance.now();
    const { rowCount } = await tx.query(
      `UPDATE notary.checkpoint c SET note = $3, published_at = coalesce(c.published_at, clock_timestamp())
        WHERE c.log_id = $1 AND c.size = $2
          AND NOT EXISTS (SELECT FROM notary.checkpoint n WHERE n.log_id = $1 AND n.size > $2)`,
      [DEFAULT_LOG_ID, size, note],
    );
    if (rowCount !== 1) throw new OvertakenError(`the checkpoint of ${size} leaves is not the newest any more`);
    // A process that was stopped here may wake when PostgreSQL has given its lock to another.
    if (performance.now() - asked > LOCK_HELD_MS) throw new OvertakenError('the lock may have been lost meanwhile');
    await replace();
  });
}

/** Below idle_in_transaction_session_timeout (5 s), after which the lock is gone. */
const LOCK_HELD_MS = 2500;
