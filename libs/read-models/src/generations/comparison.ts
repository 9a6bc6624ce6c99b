import { withTransaction } from '#app/runtime';
import type { ClientBase, Pool } from 'pg';
import { checksums, differingTables, type TableChecksums } from '../digest/digests.js';
import { stoppable } from '../digest/stoppable.js';
import { areNumberedAlike } from '../project/codes.js';
import { type Tables, tablesOfGeneration } from '../project/tables.js';
import { type GenerationRow, READ_MODEL_TABLES, type ReadModelTable } from '../rows.js';
import { liveGeneration } from './generation-store.js';

type Checksums = Awaited<ReturnType<typeof checksums>>;

/** What the live figures are as of a position that they have reached. */
export interface LiveSide {
  tables: Tables;
  position: number;
  /** Whether postings can be compared by the numbers of their words. */
  isNumberedAlike: boolean;
  /** Of all tables but the balances, which are sums of the postings. */
  checksums: Checksums;
}

export interface Comparison {
  /** Of the checksums. */
  position: number;
  /** Both hold the same up to here, but for the tables that differ. */
  comparedUpTo: number;
  live: Tables;
  rebuilt: TableChecksums;
  differing: ReadModelTable[];
}

/**
 * Looks at the live figures as of a position: nothing that is recorded later changes what they were at it, so it can be done
 * while the rebuild still loads. Null when the rules differ, and nothing can be compared.
 *
 * @param live as read before the load began: then all that it has come to is in the log that the load reads
 */
export async function lookAtLive(
  pool: Pool,
  { live, building }: { live: GenerationRow; building: GenerationRow },
  signal: AbortSignal,
): Promise<LiveSide | null> {
  if (live.projection !== building.projection || live.policy_override !== building.policy_override) return null;
  const { position } = live;
  const tables = tablesOfGeneration(live.generation);
  return checking(pool, async (tx) => {
    // Asked after the position: a word that came in between makes it say no, at worst.
    const others = tablesOfGeneration(building.generation);
    const isNumberedAlike = await areNumberedAlike(tx, { some: tables, others });
    const { rows } = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const { pid } = rows[0] as { pid: number };
    const asked = { range: { upTo: position, isNumberedAlike }, of: BUT_BALANCE, signal };
    return {
      ...{ tables, position, isNumberedAlike },
      checksums: await stoppable({ pool, pid, signal }, () => checksums(tx, tables, asked)),
    };
  });
}

/** @param reached the position up to which the rebuilt tables are filled, and at which their balances stand */
export async function compareWithLive(
  pool: Pool,
  { tables, live, reached }: { tables: Tables; live: LiveSide; reached: number },
): Promise<Comparison> {
  const { isNumberedAlike } = live;
  if (reached < live.position)
    throw new Error(`the log ends at ${reached}, before the live checkpoint ${live.position}`);
  const range = { upTo: live.position };
  // As of a position balances are sums of the postings, and equal postings have equal sums. The balances that are kept
  // beside the live postings are compared at the switch.
  const rebuilt = await checking(pool, async (tx) => {
    await tx.query(WITHOUT_STATISTICS);
    return {
      ...(await checksums(tx, tables, { range: { ...range, isNumberedAlike }, of: BUT_BALANCE })),
      ...(await checksums(tx, tables, { range: reached === live.position ? {} : range, of: BALANCE })),
    };
  });
  const { balance } =
    rebuilt.posting === live.checksums.posting
      ? rebuilt
      : await checking(pool, (tx) => checksums(tx, live.tables, { range, of: BALANCE }));
  return {
    position: live.position,
    comparedUpTo: live.position,
    live: live.tables,
    rebuilt: rebuilt as TableChecksums,
    differing: differingTables(rebuilt, { ...live.checksums, balance }),
  };
}

/** Compares what both have got since, without holding up anybody. */
export async function compareFurther(
  pool: Pool,
  comparison: Comparison,
  { tables, reached }: { tables: Tables; reached: number },
): Promise<Comparison> {
  const after = comparison.comparedUpTo;
  const upTo = Math.min(reached, (await liveGeneration(pool)).position);
  if (upTo <= after) return comparison;
  const asked = { range: { after, upTo }, of: BUT_BALANCE };
  const [rebuilt, present] = await Promise.all(
    [tables, comparison.live].map((side) => checking(pool, (tx) => checksums(tx, side, asked))),
  );
  const differing = new Set([...comparison.differing, ...differingTables(rebuilt as Checksums, present as Checksums)]);
  return { ...comparison, comparedUpTo: upTo, differing: [...differing] };
}

const BALANCE: readonly ReadModelTable[] = ['balance'];
const BUT_BALANCE = READ_MODEL_TABLES.filter((table) => table !== 'balance');

/** Others are at work at the same time: more workers for one table would only hand rows to one another. */
const SETTINGS = `
  SET LOCAL work_mem = '64MB'; SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off;
  SET LOCAL statement_timeout = 0`;

/**
 * What was just loaded is not analyzed, and a range of it counts as a 200th of the table: the planner must not look up the
 * words of every posting one by one for that. To analyze it first would mean to wait for the indexes, made at the same time.
 */
const WITHOUT_STATISTICS = 'SET LOCAL enable_nestloop = off';

function checking<T>(pool: Pool, work: (tx: ClientBase) => Promise<T>): Promise<T> {
  return withTransaction(pool, async (tx) => {
    await tx.query(SETTINGS);
    return work(tx);
  });
}
