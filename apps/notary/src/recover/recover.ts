import { parseLeaf } from '#app/log';
import {
  CHECKPOINT_FILE,
  decodeBundle,
  MalformedError,
  openCheckpoint,
  TILE_WIDTH,
  type TreeHead,
  VerificationError,
} from '#app/transparency';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { insertCheckpoint, newestCheckpoint, type SignedRow } from '../checkpoint-rows.js';
import { GrowingTree } from '../growing-tree.js';
import { readLeaves } from '../read-leaves.js';
import { logBehind, logForked, Refusal, tilesDamaged } from '../refusal.js';
import type { LogSigner } from '../signing.js';
import type { TileStore } from '../tile-store.js';
import { firstDifference } from './leaf-hashes.js';
import { loadTree, rootInTiles } from './load-tree.js';
import { rebuild } from './rebuild.js';

export interface RecoverContext {
  pool: Pool;
  store: TileStore;
  signer: LogSigner;
  logger: Logger;
  signal: AbortSignal;
}

/** Where the work goes on. */
export interface Recovered {
  tree: GrowingTree;
  /** What was signed last, of the size of the tree; null before the first. */
  newest: SignedRow | null;
}

/**
 * Finds out what was signed, and that tree, database and published checkpoint agree on it. Nothing may be signed before.
 *
 * @param end the number of events in the log, at least one
 * @throws Refusal
 */
export async function recover(context: RecoverContext, end: number): Promise<Recovered> {
  const { pool, store, logger } = context;
  await checkOrigin(context);
  const newest = await newestCheckpoint(pool);
  const published = await readPublished(context);
  const signed = Math.max(newest?.size ?? 0, published?.size ?? 0);
  if (end < signed) throw logBehind({ ends: end - 1, signed: signed - 1 });
  if (published === null) {
    if (newest === null) return { tree: new GrowingTree(), newest };
    logger.warn({ folder: store.name, leaves: newest.size }, 'no checkpoint is published: all tiles are written anew');
    return { tree: await rebuild(context, newest), newest };
  }
  if ((await rootInTiles(store.read, published.size))?.equals(published.root) !== true) {
    throw tilesDamaged(`the tiles do not give the root of the published checkpoint of ${published.size} leaves`);
  }
  if (newest === null || newest.size < published.size || !isSame(newest, published)) {
    return adopt(context, { newest, published });
  }
  const tree = await loadTree(store.read, newest);
  await checkLastLeaves(context, newest.size);
  return { tree, newest };
}

/** Either the same size and root, or a later size. */
function isSame(newest: TreeHead, published: TreeHead): boolean {
  return newest.size > published.size || newest.root.equals(published.root);
}

/**
 * The published checkpoint is not among what the database knows to be signed: it is a backup from before. When it holds
 * the leaves all the same (they were recovered otherwise), the checkpoint is taken over.
 */
async function adopt(
  { pool, store, logger }: RecoverContext,
  { newest, published }: { newest: SignedRow | null; published: SignedRow },
): Promise<Recovered> {
  const isPrefix =
    newest !== null &&
    newest.size < published.size &&
    (await rootInTiles(store.read, newest.size))?.equals(newest.root) === true;
  const span = { from: isPrefix ? newest.size : 0, to: published.size };
  const difference = await firstDifference(pool, { read: store.read, size: published.size, span });
  if (difference !== null) throw logForked(difference);
  if (newest !== null && !isPrefix) {
    throw new Refusal(
      'LOG_FORKED',
      `the leaves are what was published, but the database says that another root was signed for ${newest.size} of them: notary.checkpoint was altered. Restore it from a backup`,
    );
  }
  const tree = await loadTree(store.read, published);
  await insertCheckpoint(pool, { previous: newest, next: published, sign: () => published.note });
  logger.warn(
    { published: published.size, signed: newest?.size ?? 0 },
    'the database did not know the published checkpoint, and holds all that is under it: it is taken over',
  );
  return { tree, newest: published };
}

/** The leaves of the last bundle: what was truncated and appended anew shows here. */
async function checkLastLeaves({ pool, store }: RecoverContext, size: number): Promise<void> {
  const from = Math.floor((size - 1) / TILE_WIDTH) * TILE_WIDTH;
  const difference = await firstDifference(pool, { read: store.read, size, span: { from, to: size } });
  if (difference === null) return;
  const first = await firstDifference(pool, { read: store.read, size, span: { from: 0, to: from } });
  throw logForked(first ?? difference);
}

async function checkOrigin({ pool, signer }: RecoverContext): Promise<void> {
  for await (const { bundle } of readLeaves(pool, { from: 0, to: 1 })) {
    const [leaf] = decodeBundle(Buffer.concat(bundle), 1);
    const event = parseLeaf(String(leaf));
    const origin = event.type === 'LogCreated' ? event.data.origin : null;
    if (origin === signer.origin) continue;
    throw new Refusal(
      'ORIGIN_DIFFERS',
      `LEDGER_LOG_ORIGIN is ${signer.origin}, and the log in this database was made as ${origin ?? 'something else'}: a log keeps its name. Set LEDGER_LOG_ORIGIN=${origin ?? '…'}, or name another database`,
    );
  }
}

/** @throws Refusal `CHECKPOINT_NOT_OURS` */
async function readPublished({ store, signer }: RecoverContext): Promise<SignedRow | null> {
  const note = await store.read(CHECKPOINT_FILE);
  if (note === null) return null;
  try {
    const { checkpoint } = openCheckpoint(note, signer.verifiers);
    return { size: checkpoint.size, root: checkpoint.root, note: note.toString() };
  } catch (error) {
    if (!(error instanceof MalformedError || error instanceof VerificationError)) throw error;
    throw new Refusal(
      'CHECKPOINT_NOT_OURS',
      `the published checkpoint in ${store.name} was not signed with a key of the key file (${error.message}). After a change of keys the old one stays in the file until a checkpoint with both is published; else restore the folder from a backup`,
      { cause: error },
    );
  }
}
