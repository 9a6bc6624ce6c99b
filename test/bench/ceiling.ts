import type { Pool } from 'pg';
import { createPool } from '#app/runtime';
import { cpuSeconds, postgresCpuSeconds } from './machine.js';

const BATCH = 500;
const SEPARATOR = '\u001e';

export interface Ceiling {
  connections: number;
  rowsPerSecond: number;
  /** Microseconds per row, user and system together. */
  cpu: { client: number; postgres: number };
}

/**
 * What a user would do who wants no order, no checks and no history: the same leaves into the same PostgreSQL by plain
 * batched `INSERT … SELECT unnest`, each batch its own transaction. Measured with one and with two connections.
 */
export async function insertCeiling(databaseUrl: string): Promise<Ceiling[]> {
  const pool = createPool(databaseUrl, { max: 3 });
  try {
    const { rows } = await pool.query<{ leaf: string }>('SELECT leaf FROM ledger.event ORDER BY position');
    const batches = Array.from({ length: Math.ceil(rows.length / BATCH) }, (_, i) =>
      rows
        .slice(i * BATCH, (i + 1) * BATCH)
        .map(({ leaf }) => leaf)
        .join(SEPARATOR),
    );
    const results: Ceiling[] = [];
    const used = async (): Promise<Ceiling['cpu']> => ({
      client: cpuSeconds([process.pid]),
      postgres: await postgresCpuSeconds(pool),
    });
    for (const connections of [1, 2]) {
      const before = await used();
      const seconds = await insertAll(pool, batches, connections);
      const after = await used();
      const each = (part: keyof typeof after): number => Math.round(((after[part] - before[part]) * 1e6) / rows.length);
      const cpu = { client: each('client'), postgres: each('postgres') };
      results.push({ connections, rowsPerSecond: Math.round(rows.length / seconds), cpu });
    }
    return results;
  } finally {
    await pool.end();
  }
}

async function insertAll(pool: Pool, batches: readonly string[], connections: number): Promise<number> {
  await pool.query('DROP TABLE IF EXISTS public.plain_leaf');
  await pool.query(
    'CREATE TABLE public.plain_leaf (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, leaf text NOT NULL)',
  );
  const queue = [...batches];
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      for (let batch = queue.shift(); batch !== undefined; batch = queue.shift()) {
        await pool.query('INSERT INTO public.plain_leaf (leaf) SELECT unnest(string_to_array($1, chr(30)))', [batch]);
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  await pool.query('DROP TABLE public.plain_leaf');
  return seconds;
}
