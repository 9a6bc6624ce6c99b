import { afterEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { type Dedicated, startDedicatedPostgres } from '../../test/support/dedicated.js';

let server: Dedicated;

afterEach(() => server.stop());

test('what was committed is there after PostgreSQL was killed and started again, at the same address', async () => {
  server = await startDedicatedPostgres();
  await query('CREATE TABLE kept (n integer)');
  await query('INSERT INTO kept SELECT generate_series(1, 1000)');
  await server.kill();
  await expect(query('SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
  await server.start();
  expect(await query('SELECT count(*)::int AS n FROM kept')).toEqual([{ n: 1000 }]);
});

test('a running server is taken over, not started twice', async () => {
  server = await startDedicatedPostgres();
  const before = await query('SELECT pg_postmaster_start_time() AS at');
  await server.start();
  expect(await query('SELECT pg_postmaster_start_time() AS at')).toEqual(before);
});

async function query(sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: server.address });
  client.on('error', () => {}); // told by the rejected query already
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
