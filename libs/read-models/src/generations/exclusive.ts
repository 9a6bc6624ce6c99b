import type { Pool } from 'pg';

/**
 * Runs `work` while no other process in this database does work under the same key. The lock belongs to a connection,
 * so a process that is killed leaves nothing locked.
 * @throws `busy()` at once when another holds it
 */
export async function exclusively<T>(
  pool: Pool,
  { key, busy }: { key: number; busy: () => Error },
  work: () => Promise<T>,
): Promise<T> {
  const guard = await pool.connect();
  let lost: Error | undefined;
  const remember = (error: Error): void => {
    lost = error;
  };
  guard.on('error', remember);
  try {
    const { rows } = await guard.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [key]);
    if (rows[0]?.locked !== true) throw busy();
    try {
      return await work();
    } finally {
      await guard.query('SELECT pg_advisory_unlock($1)', [key]).catch(remember);
    }
  } finally {
    guard.removeListener('error', remember);
    guard.release(lost);
  }
}
