import { withTransaction } from '#app/runtime';
import type { ClientBase, Pool } from 'pg';
import { differingTables, digestOf, type TableDigests } from '../digest/digests.js';
import { type Tables, tablesOfGeneration } from '../project/tables.js';
import { type GenerationRow, READ_MODEL_TABLES, type ReadModelTable } from '../rows.js';
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
  const tables = { rebuilt: tablesOfGeneration(building.generation), live: tablesOfGeneration(live.generation) };
  // The rebuilt balances of the position at which they stand can be read; any other must be summed from the postings.
  const balances = upTo === reached ? {} : { upTo };
  const [rebuilt, present] = await Promise.all([
    digesting(pool, async (tx) => ({
      ...(await digestsButBalance(tx, tables.rebuilt, upTo)),
      balance: await digestOf(tx, 'balance', { tables: tables.rebuilt, range: balances }),
    })),
    digesting(pool, (tx) => digestsButBalance(tx, tables.live, upTo)),
  ]);
  // As of a position balances are sums of the postings, and equal postings have equal sums. The balances that are kept
  // beside the live postings are compared at the switch.
  const balance =
    rebuilt.posting === present.posting
      ? rebuilt.balance
      : await digesting(pool, (tx) => digestOf(tx, 'balance', { tables: tables.live, range: { upTo } }));
  return { position: upTo, rebuilt, differing: differingTables(rebuilt, { ...present, balance }) };
}

async function digestsButBalance(tx: ClientBase, tables: Tables, upTo: number): Promise<Omit<TableDigests, 'balance'>> {
  const found = {} as TableDigests;
  for (const table of READ_MODEL_TABLES) {
    if (table !== 'balance') found[table] = await digestOf(tx, table, { tables, range: { upTo } });
  }
  return found;
}

/** Both sides are digested at once: more workers for each would only hand rows to one another. */
const DIGEST_SETTINGS = `
  SET LOCAL work_mem = '64MB'; SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off;
  SET LOCAL statement_timeout = 0`;

function digesting<T>(pool: Pool, work: (tx: ClientBase) => Promise<T>): Promise<T> {
  return withTransaction(pool, async (tx) => {
    await tx.query(DIGEST_SETTINGS);
    return work(tx);
  });
}
