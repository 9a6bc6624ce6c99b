import { type DurableFile, parseTilePath } from '#app/transparency';
import type { Pool } from 'pg';
import { checkpointsAbove, type SignedRow } from '../checkpoint-rows.js';
import { GrowingTree } from '../growing-tree.js';
import { cutRun } from '../leaf-run.js';
import { isFull } from '../old-partials.js';
import { readLeaves } from '../read-leaves.js';
import { logForkedBetween } from '../refusal.js';
import type { TileStore } from '../tile-store.js';
import { TileWriting } from '../tile-writing.js';

const ROWS_AT_ONCE = 1000;

/**
 * Writes all files of the log anew, up to the checkpoint that was signed last. Every checkpoint on the way must come out
 * as it was signed.
 *
 * @throws Refusal `LOG_FORKED`; AbortError
 */
export async function rebuild(
  { pool, store, signal }: { pool: Pool; store: TileStore; signal: AbortSignal },
  newest: SignedRow,
): Promise<GrowingTree> {
  const tree = new GrowingTree();
  const writing = new TileWriting(store);
  const signed = signedRows(pool);
  let previous = 0;
  let next = await following(signed);
  for await (const run of readLeaves(pool, { from: 0, to: newest.size })) {
    signal.throwIfAborted();
    let rest = run;
    for (; next !== null && next.size <= run.to; next = await following(signed)) {
      const [upTo, behind] = cutRun(rest, next.size);
      rest = behind;
      await writing.add(tree.append(upTo));
      if (!tree.head().root.equals(next.root)) throw logForkedBetween(previous, next.size - 1);
      await writing.add(lasting(tree.partials(), newest.size));
      previous = next.size;
    }
    if (rest.from < rest.to) await writing.add(tree.append(rest));
  }
  await writing.drain();
  return tree;
}

/** The partial tiles of a checkpoint are served until their full one is there (C2SP tlog-tiles). */
function lasting(partials: readonly DurableFile[], size: number): DurableFile[] {
  return partials.filter(({ path }) => {
    const tile = parseTilePath(path);
    return tile !== null && !isFull(tile, size);
  });
}

async function* signedRows(pool: Pool): AsyncGenerator<SignedRow, void, undefined> {
  for (let after = 0; ; ) {
    const rows = await checkpointsAbove(pool, after, ROWS_AT_ONCE);
    yield* rows;
    if (rows.length < ROWS_AT_ONCE) return;
    after = rows.at(-1)?.size ?? after;
  }
}

async function following(rows: AsyncGenerator<SignedRow, void, undefined>): Promise<SignedRow | null> {
  const { value } = await rows.next();
  return value ?? null;
}
