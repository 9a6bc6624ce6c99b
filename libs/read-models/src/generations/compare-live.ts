import { withTransaction } from '#app/runtime';
import type { ClientBase, Pool } from 'pg';
import { differingTables, digestOf, digests, type TableDigests } from '../digest/digests.js';
import { type Difference, firstDifference } from '../digest/first-difference.js';
import { type Tables, tablesOfGeneration } from '../project/tables.js';
import { liveGeneration } from './generation-store.js';
import type { KeptBalances } from './replay-outcome.js';

/** An API's limit on statements is for its readers; a digest takes as long as the table is large. */
const SETTINGS = "SET LOCAL work_mem = '64MB'; SET LOCAL statement_timeout = 0";

export interface LiveComparison {
  replayed: TableDigests;
  live: TableDigests;
  differences: Difference[];
  balances: KeptBalances;
}

/** Compares replayed tables with the live ones as of a position, and the kept balances with the postings beside them. */
export async function compareReplayed(pool: Pool, tables: Tables, upTo: number): Promise<LiveComparison> {
  const live = tablesOfGeneration((await liveGeneration(pool)).generation);
  const [replayed, present] = await Promise.all([digestsAt(pool, tables, upTo), digestsAt(pool, live, upTo)]);
  return {
    replayed,
    live: present,
    differences: await differencesIn(pool, { replayed: tables, live, upTo }, differingTables(replayed, present)),
    balances: await keptBalances(pool),
  };
}

export function digestsAt(pool: Pool, tables: Tables, upTo: number): Promise<TableDigests> {
  return unhurried(pool, (tx) => digests(tx, tables, { upTo }));
}

function unhurried<T>(pool: Pool, work: (tx: ClientBase) => Promise<T>, begin?: string): Promise<T> {
  return withTransaction(
    pool,
    async (tx) => {
      await tx.query(SETTINGS);
      return work(tx);
    },
    begin,
  );
}

async function differencesIn(
  pool: Pool,
  { replayed, live, upTo }: { replayed: Tables; live: Tables; upTo: number },
  differing: ReturnType<typeof differingTables>,
): Promise<Difference[]> {
  const found: Difference[] = [];
  for (const table of differing) {
    const compared = { checked: { tables: live, range: { upTo } }, folded: { tables: replayed, range: { upTo } } };
    const difference = await unhurried(pool, (tx) => firstDifference(tx, table, compared));
    if (difference !== null) found.push(difference);
  }
  return found;
}

/** What "the figure now" is read from, which no look at a past position touches. All of one moment, while others write. */
function keptBalances(pool: Pool): Promise<KeptBalances> {
  const work = async (tx: ClientBase): Promise<KeptBalances> => {
    const { generation, position } = await liveGeneration(tx);
    const tables = tablesOfGeneration(generation);
    const kept = { tables, range: {} };
    const summed = { tables, range: { upTo: position } };
    const compare = async (table: 'balance' | 'pair'): Promise<KeptBalances> => {
      const [ofKept, ofSums] = [await digestOf(tx, table, kept), await digestOf(tx, table, summed)];
      const isSame = ofKept === ofSums;
      const difference = isSame ? null : await firstDifference(tx, table, { checked: kept, folded: summed });
      return { position, kept: ofKept, summed: ofSums, difference };
    };
    const [ofFigures, ofPairs] = [await compare('balance'), await compare('pair')];
    return ofFigures.difference === null && ofPairs.difference !== null ? ofPairs : ofFigures;
  };
  return unhurried(pool, work, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
}
