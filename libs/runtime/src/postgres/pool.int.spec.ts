import { expect, it } from '@jest/globals';
import { createPool, type PoolOptions } from '#app/runtime';
import { freshDatabase } from '../../../../test/support/database.js';

it.each<[PoolOptions, string[]]>([
  [{}, ['5s', '30s', '0']],
  [{ lockTimeoutMs: 2_000, statementTimeoutMs: 7_000 }, ['5s', '2s', '7s']],
])('with %j no transaction idles and no lock is waited for without an end', async (options, limits) => {
  const database = await freshDatabase();
  const pool = createPool(database.url, options);
  const { rows } = await pool.query<{
    limits: string[];
  }>(`SELECT array[current_setting('idle_in_transaction_session_timeout'),
    current_setting('lock_timeout'), current_setting('statement_timeout')] AS limits`);
  await pool.end();
  await database.drop();
  expect(rows[0]?.limits).toEqual(limits);
});
