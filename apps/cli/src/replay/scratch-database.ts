import { createPool, migrate } from '#app/runtime';
import type { Pool } from 'pg';
import { usageError } from '../exit-codes.js';
import type { Output } from '../terminal/output.js';

const CONNECTIONS = 4;

/**
 * A database to fold a published log in: an empty one, which is given our tables, or one that has them.
 * @throws CommandError with exit code 2 for a database of something else
 */
export async function openScratchDatabase(url: string, output: Output): Promise<Pool> {
  const looking = createPool(url, { max: 1, applicationName: 'ledger-cli-replay' });
  try {
    const { rows } = await looking.query<{ ours: boolean; tables: number }>(`
      SELECT to_regclass('read_model.generation') IS NOT NULL AS ours,
             (SELECT count(*)::int FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')) AS tables`);
    const [found] = rows;
    if (found?.ours !== true && found?.tables !== 0) {
      throw usageError(
        'The database is neither empty nor one of a ledger: name an empty one (DATABASE_URL or --scratch).',
      );
    }
    if (!found.ours) {
      output.note('the database is empty: making the tables of the read model');
      await migrate(url);
    }
  } finally {
    await looking.end();
  }
  return createPool(url, { role: 'ledger_audit', max: CONNECTIONS, applicationName: 'ledger-cli-replay' });
}

/** Whether the live figures in this database are those of a log, up to a position. */
export async function hasFiguresOf(pool: Pool, log: string, upTo: number): Promise<boolean> {
  const { rows } = await pool.query<{ has: boolean }>(
    `SELECT EXISTS (SELECT FROM ledger.head h JOIN read_model.generation g ON g.status = 'LIVE' AND g.position >= $2
                     WHERE h.log::text = $1) AS has`,
    [log, upTo],
  );
  return rows[0]?.has === true;
}
