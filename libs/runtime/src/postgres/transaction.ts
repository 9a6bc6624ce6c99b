import type { Pool, PoolClient } from 'pg';
import { isUnanswered } from './errors.js';

/**
 * Runs `work` in one transaction: commit when it returns, roll back when it throws.
 *
 * A connection whose state is unknown (no answer, or the roll-back failed too) is thrown away, not returned to the pool.
 */
export async function withTransaction<T>(
  pool: Pool,
  work: (tx: PoolClient) => Promise<T>,
  begin = 'BEGIN',
): Promise<T> {
  const tx = await pool.connect();
  let broken: Error | undefined;
  // Between two statements a lost connection is an event, not a rejection; the next statement then fails.
  const remember = (error: Error): void => {
    broken = error;
  };
  tx.on('error', remember);
  try {
    await tx.query(begin);
    const result = await work(tx);
    await tx.query('COMMIT');
    return result;
  } catch (error) {
    if (isUnanswered(error)) broken = error;
    else {
      await tx.query('ROLLBACK').catch((failure: Error) => {
        broken = failure;
      });
    }
    throw error;
  } finally {
    tx.removeListener('error', remember);
    tx.release(broken);
  }
}
