import { digests, LiveProjection, liveGeneration, type TableDigests, tablesOfGeneration } from '#app/read-models';
import { withTransaction } from '#app/runtime';
import type pg from 'pg';

/** Projects whatever the log holds. @returns the checkpoint, and how many postings were written */
export async function projectAll(pool: pg.Pool): Promise<{ position: number; postings: number }> {
  const projection = new LiveProjection(pool);
  let postings = 0;
  for (;;) {
    const step = await projection.step();
    if (step.kind === 'IDLE') return { position: step.position, postings };
    if (step.kind === 'PROJECTED') postings += step.postings;
  }
}

/** Digests of a generation, of the live one when none is named; as it is now, and of all that led to it, when no positions are given. */
export async function digestsOf(
  pool: pg.Pool,
  { generation, ...range }: { generation?: number; after?: number; upTo?: number } = {},
): Promise<TableDigests> {
  const tables = tablesOfGeneration(generation ?? (await liveGeneration(pool)).generation);
  return withTransaction(pool, (tx) => digests(tx, tables, range), 'BEGIN ISOLATION LEVEL REPEATABLE READ');
}
