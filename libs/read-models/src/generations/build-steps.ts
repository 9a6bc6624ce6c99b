import { withTransaction } from '#app/runtime';
import type { Pool } from 'pg';
import { fillBalances } from '../project/balances-of-postings.js';
import { fillPairs } from '../project/pair-sums.js';
import type { ProjectionTarget } from '../project/project-batch.js';
import { tablesOfGeneration } from '../project/tables.js';

/** How many events the log holds, for the progress bar. */
export async function eventsInLog(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ next_position: number | null }>(
    'SELECT max(next_position) AS next_position FROM ledger.head',
  );
  return rows[0]?.next_position ?? 0;
}

export async function addIndexes(pool: Pool, generation: number): Promise<void> {
  await withTransaction(pool, async (tx) => {
    await tx.query("SET LOCAL maintenance_work_mem = '128MB'; SET LOCAL statement_timeout = 0");
    await tx.query('SELECT read_model.create_indexes($1, $2)', ['read_model', String(generation)]);
  });
  const { code, incident_version, posting, report } = tablesOfGeneration(generation);
  await withTransaction(pool, async (tx) => {
    await tx.query('SET LOCAL default_statistics_target = 30');
    await tx.query(`ANALYZE ${code}, ${report}, ${incident_version}`);
  });
  await vacuum(pool, posting);
}

/** Figures are summed from an index alone, which needs pages that a vacuum has seen. No transaction may be open. */
async function vacuum(pool: Pool, table: string): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('SET statement_timeout = 0');
    await client.query(`VACUUM (ANALYZE) ${table}`);
    await client.query('RESET statement_timeout');
  } finally {
    client.release();
  }
}

export async function sumBalances(pool: Pool, target: ProjectionTarget, generation: number): Promise<void> {
  await withTransaction(pool, async (tx) => {
    await tx.query("SET LOCAL work_mem = '64MB'; SET LOCAL statement_timeout = 0");
    await tx.query(fillBalances(target.tables));
    await tx.query(fillPairs(target.tables));
    await tx.query(`ANALYZE ${target.tables.balance}, ${target.tables.pair}`);
    await tx.query('UPDATE read_model.generation SET balanced = true WHERE generation = $1', [generation]);
  });
  target.balanced = true;
}
