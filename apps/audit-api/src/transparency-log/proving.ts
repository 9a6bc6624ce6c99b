import {
  isConsistent,
  MalformedTileError,
  rootOfInclusion,
  type TileReader,
  type TreeHead,
  TreeProver,
} from '#app/transparency';
import { TilesDamagedError } from './published-log.js';

/** That a leaf is in the published tree. */
export interface Inclusion {
  /** Hash of the leaf, as the tiles have it. */
  leaf: Buffer;
  /** Audit path, the leaf's sibling first. */
  path: Buffer[];
}

/** That one tree is the beginning of another, both of them beginnings of the published one. */
export interface Consistency {
  from: TreeHead;
  to: TreeHead;
  hashes: Buffer[];
}

/**
 * Proves a leaf by the tiles, and checks the proof against the root that was signed: what it says is true whatever the tiles
 * hold.
 *
 * @throws TilesDamagedError
 */
export async function proveInclusion(read: TileReader, { size, root }: TreeHead, index: number): Promise<Inclusion> {
  const prover = new TreeProver(size, read);
  const [leaf, path] = await fromTiles(() => Promise.all([prover.leaf(index), prover.inclusion(index)]));
  if (rootOfInclusion(leaf, { index, size }, path)?.equals(root) !== true) {
    throw new TilesDamagedError(
      `the tiles do not lead from position ${index} to the root of the checkpoint of size ${size}`,
    );
  }
  return { leaf, path };
}

/**
 * The same for two sizes, `from` ≤ `to` ≤ that of the published tree.
 *
 * @throws TilesDamagedError
 */
export async function proveConsistency(
  read: TileReader,
  published: TreeHead,
  sizes: { from: number; to: number },
): Promise<Consistency> {
  const [from, to] = await Promise.all([
    provePrefix(read, published, sizes.from),
    provePrefix(read, published, sizes.to),
  ]);
  const hashes = await fromTiles(() => new TreeProver(to.size, read).consistency(from.size));
  if (!isConsistent(from, to, hashes)) throw damagedBetween(from.size, to.size);
  return { from, to, hashes };
}

/** The root over the first leaves, shown to be the one that the signed root commits to. */
async function provePrefix(read: TileReader, published: TreeHead, size: number): Promise<TreeHead> {
  const [root, hashes] = await fromTiles(() =>
    Promise.all([new TreeProver(size, read).root(), new TreeProver(published.size, read).consistency(size)]),
  );
  const head = { size, root };
  if (!isConsistent(head, published, hashes)) throw damagedBetween(size, published.size);
  return head;
}

/** That the edge of the published tree is there and leads to its root. @throws TilesDamagedError */
export async function checkEdge(read: TileReader, { size, root }: TreeHead): Promise<void> {
  const found = await fromTiles(() => new TreeProver(size, read).root());
  if (!found.equals(root)) {
    throw new TilesDamagedError(`the tiles do not lead to the root of the checkpoint of size ${size}`);
  }
}

async function fromTiles<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof MalformedTileError)) throw error;
    throw new TilesDamagedError(error.message, { cause: error });
  }
}

function damagedBetween(from: number, to: number): TilesDamagedError {
  return new TilesDamagedError(`the tiles do not lead from a tree of ${from} leaves to the signed one of ${to}`);
}
