import { withTransaction } from '#app/runtime';
import type { ClientBase, Pool } from 'pg';
import { checksums, differingTables } from '../digest/digests.js';
import { PageSize, readPage } from '../project/event-pages.js';
import { eventsInDatabase } from '../project/event-source.js';
import { type ProjectionTarget, projectBatch } from '../project/project-batch.js';
import { type Tables, tablesOfGeneration } from '../project/tables.js';
import { type GenerationRow, READ_MODEL_TABLES, type ReadModelTable } from '../rows.js';
import type { Comparison } from './comparison.js';
import { lockLiveGeneration, moveCheckpoint } from './generation-store.js';
import { RebuildDiffersError } from './rebuild-errors.js';

export interface SwitchOverOptions {
  building: GenerationRow;
  target: ProjectionTarget;
  /** The checkpoint that the new generation has reached. */
  position: number;
  comparison: Comparison | null;
  acceptDifferences: boolean;
}

/**
 * One transaction: stop the live checkpoint, apply what is still missing, compare what changed since the big
 * comparison, move the views. A projector that waits on the live row finds the new generation when it gets it.
 */
export async function switchOver(
  pool: Pool,
  options: SwitchOverOptions,
): Promise<{ replaced: number; position: number }> {
  const { building, target } = options;
  try {
    return await withTransaction(pool, async (tx) => {
      const live = await lockLiveGeneration(tx);
      if (live === null) throw new Error('no generation of the read model is live');
      const position = await catchUp(pool, tx, { ...options, atLeast: live.position });
      await compareTail(tx, { live, position, options });
      await tx.query('SELECT read_model.make_live($1)', [building.generation]);
      return { replaced: live.generation, position };
    });
  } catch (error) {
    target.forget();
    throw error;
  }
}

/** Applies the last events: at least to where readers have already been, so that no answer goes back in time. */
async function catchUp(
  pool: Pool,
  tx: ClientBase,
  { building, target, position, atLeast }: SwitchOverOptions & { atLeast: number },
): Promise<number> {
  const size = new PageSize();
  let reached = position;
  let { policy } = building;
  while (reached < atLeast) {
    const page = await readPage(eventsInDatabase(pool), { after: reached, upTo: atLeast }, size);
    if (page === null) throw new Error(`the log ends at ${reached}, before the live checkpoint ${atLeast}`);
    ({ policy } = await projectBatch(tx, target, page.events));
    reached = page.last;
  }
  if (
    reached !== position &&
    !(await moveCheckpoint(tx, building.generation, { from: position, to: reached, policy }))
  ) {
    throw new Error(`the checkpoint of generation ${building.generation} is no longer at ${position}`);
  }
  return reached;
}

interface Tail {
  live: GenerationRow;
  position: number;
  options: SwitchOverOptions;
}

async function compareTail(tx: ClientBase, { live, position, options }: Tail): Promise<void> {
  const { comparison, building, acceptDifferences } = options;
  if (comparison === null || acceptDifferences) return;
  const tables = { rebuilt: tablesOfGeneration(building.generation), live: tablesOfGeneration(live.generation) };
  const differing = new Set<ReadModelTable>();
  if (live.position > comparison.comparedUpTo) {
    const asked = { range: { after: comparison.comparedUpTo, upTo: live.position }, of: READ_MODEL_TABLES };
    const rebuilt = await checksums(tx, tables.rebuilt, asked);
    for (const table of differingTables(rebuilt, await checksums(tx, tables.live, asked))) differing.add(table);
  }
  // What is kept beside them, balances and sums of pairs, which no comparison as of a position has looked at.
  if (position === live.position) {
    if (!(await isKeptAlike(tx, tables, 'balance'))) differing.add('balance');
    if (!(await isKeptAlike(tx, tables, 'pair'))) differing.add('candidate');
  }
  if (differing.size > 0) throw new RebuildDiffersError([...differing], live.position);
}

async function isKeptAlike(
  tx: ClientBase,
  tables: { rebuilt: Tables; live: Tables },
  table: 'balance' | 'pair',
): Promise<boolean> {
  const asked = { range: {}, of: [table] };
  const rebuilt = await checksums(tx, tables.rebuilt, asked);
  return rebuilt[table] === (await checksums(tx, tables.live, asked))[table];
}
