import { withTransaction } from '#app/runtime';
import type { Pool } from 'pg';
import { differingTables, digests, type TableDigests } from '../digest/digests.js';
import { tablesOfGeneration } from '../project/tables.js';
import type { GenerationRow, ReadModelTable } from '../rows.js';
import { liveGeneration } from './generation-store.js';

export interface Comparison {
  position: number;
  rebuilt: TableDigests;
  differing: ReadModelTable[];
}

/** Compares as of a position that both have reached, without holding up anybody. Null when the rules differ. */
export async function compareWithLive(
  pool: Pool,
  building: GenerationRow,
  reached: number,
): Promise<Comparison | null> {
  const live = await liveGeneration(pool);
  if (live.projection !== building.projection || live.policy !== building.policy) return null;
  const upTo = Math.min(reached, live.position);
  const [rebuilt, present] = await Promise.all([
    digestsOn(pool, building.generation, upTo),
    digestsOn(pool, live.generation, upTo),
  ]);
  return { position: upTo, rebuilt, differing: differingTables(rebuilt, present) };
}

async function digestsOn(pool: Pool, generation: number, upTo: number): Promise<TableDigests> {
  return withTransaction(pool, async (tx) => {
    await tx.query("SET LOCAL work_mem = '64MB'; SET LOCAL statement_timeout = 0");
    return digests(tx, tablesOfGeneration(generation), { upTo });
  });
}
