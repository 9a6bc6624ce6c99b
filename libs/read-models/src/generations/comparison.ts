import { withTransaction } from '#app/runtime';
import type { ClientBase, Pool } from 'pg';
import { checksums, differingTables, type TableChecksums } from '../digest/digests.js';
import { tablesOfGeneration } from '../project/tables.js';
import { type GenerationRow, READ_MODEL_TABLES, type ReadModelTable } from '../rows.js';
import { liveGeneration } from './generation-store.js';

export interface Comparison {
  position: number;
  rebuilt: TableChecksums;
  differing: ReadModelTable[];
}

/** Compares as of a position that both have reached, without holding up anybody. Null when the rules differ. */
export async function compareWithLive(
  pool: Pool,
  building: GenerationRow,
  reached: number,
): Promise<Comparison | null> {
  const live = await liveGeneration(pool);
  if (live.projection !== building.projection || live.policy_override !== building.policy_override) return null;
  const upTo = Math.min(reached, live.position);
  const tables = { rebuilt: tablesOfGeneration(building.generation), live: tablesOfGeneration(live.generation) };
  // The rebuilt balances of the position at which they stand can be read; any other must be summed from the postings.
  const balances = upTo === reached ? {} : { upTo };
  const [rebuilt, present] = await Promise.all([
    checking(pool, async (tx) => ({
      ...(await checksums(tx, tables.rebuilt, { range: { upTo }, of: BUT_BALANCE })),
      ...(await checksums(tx, tables.rebuilt, { range: balances, of: BALANCE })),
    })),
    checking(pool, (tx) => checksums(tx, tables.live, { range: { upTo }, of: BUT_BALANCE })),
  ]);
  // As of a position balances are sums of the postings, and equal postings have equal sums. The balances that are kept
  // beside the live postings are compared at the switch.
  const { balance } =
    rebuilt.posting === present.posting
      ? rebuilt
      : await checking(pool, (tx) => checksums(tx, tables.live, { range: { upTo }, of: BALANCE }));
  return {
    position: upTo,
    rebuilt: rebuilt as TableChecksums,
    differing: differingTables(rebuilt, { ...present, balance }),
  };
}

const BALANCE: readonly ReadModelTable[] = ['balance'];
const BUT_BALANCE = READ_MODEL_TABLES.filter((table) => table !== 'balance');

/** Both sides are checked at once: more workers for each would only hand rows to one another. */
const SETTINGS = `
  SET LOCAL work_mem = '64MB'; SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off;
  SET LOCAL statement_timeout = 0`;

function checking<T>(pool: Pool, work: (tx: ClientBase) => Promise<T>): Promise<T> {
  return withTransaction(pool, async (tx) => {
    await tx.query(SETTINGS);
    return work(tx);
  });
}
