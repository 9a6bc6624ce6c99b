import { EMPTY_ROOT, HASH_BYTES, nodeHash, rootOf, rootOver, splitHashes } from './hashing.js';
import { edgeTiles, hashesAt, type Tile, TILE_WIDTH } from './tiles.js';

/** A tile that became full, or the partial ones of a size, as bytes. */
export interface HashTile {
  tile: Tile & { level: number };
  bytes: Buffer;
}

/**
 * The right edge of a growing tree: of each level the hashes of its last, partial tile. All that is needed to append and to
 * know the root; a few kilobytes whatever the size of the tree.
 */
export class TreeEdge {
  #size = 0;
  readonly #levels: Buffer[][] = [];

  /** Number of leaves. */
  get size(): number {
    return this.#size;
  }

  /**
   * The edge of a tree of `size` leaves out of its partial tiles.
   *
   * @param read the bytes of a tile that `edgeTiles(size)` names, without the entries
   */
  static async load(size: number, read: (tile: Tile) => Promise<Buffer>): Promise<TreeEdge> {
    const edge = new TreeEdge();
    edge.#size = size;
    for (let rest = size; rest > 0; rest = Math.floor(rest / TILE_WIDTH)) edge.#levels.push([]);
    for (const tile of edgeTiles(size)) {
      if (tile.level === 'entries') continue;
      const hashes = splitHashes(await read(tile));
      if (hashes.length !== tile.width) throw new RangeError(`${hashes.length} hashes in a tile of ${tile.width}`);
      edge.#levels[tile.level] = hashes;
    }
    return edge;
  }

  /** Appends a leaf by its hash. @returns the tiles that it made full, lowest level first; usually none */
  append(leaf: Buffer): HashTile[] {
    this.#size++;
    return this.#put(0, leaf);
  }

  /**
   * Appends leaves by their hashes, one behind the other; a whole tile of them costs a fraction of as many single ones. The
   * bytes are kept.
   */
  appendRun(leaves: Buffer): HashTile[] {
    const isTile = this.#size % TILE_WIDTH === 0 && leaves.length === TILE_WIDTH * HASH_BYTES;
    if (!isTile) return splitHashes(leaves).flatMap((leaf) => this.append(leaf));
    const tile = { level: 0, index: this.#size / TILE_WIDTH, width: TILE_WIDTH };
    this.#size += TILE_WIDTH;
    this.#levels[0] ??= [];
    return [{ tile, bytes: leaves }, ...this.#put(1, rootOver(leaves))];
  }

  /** Puts a hash at the end of a level, and what that makes full above it. */
  #put(lowest: number, added: Buffer): HashTile[] {
    const filled: HashTile[] = [];
    let hash = added;
    for (let level = lowest; ; level++) {
      const hashes = (this.#levels[level] ??= []);
      hashes.push(hash);
      if (hashes.length < TILE_WIDTH) return filled;
      const index = hashesAt(level + 1, this.#size) - 1;
      filled.push({ tile: { level, index, width: TILE_WIDTH }, bytes: Buffer.concat(hashes) });
      hash = rootOf(hashes);
      this.#levels[level] = [];
    }
  }

  /** The partial tiles of the present size, lowest level first. */
  partialTiles(): HashTile[] {
    return edgeTiles(this.#size).flatMap((tile) => {
      const { level } = tile;
      return level === 'entries' ? [] : [{ tile: { ...tile, level }, bytes: Buffer.concat(this.#levels[level] ?? []) }];
    });
  }

  /** RFC 6962 §2.1: MTH of all leaves. */
  root(): Buffer {
    let right: Buffer | null = null;
    for (const hashes of this.#levels) {
      if (hashes.length === 0) continue;
      right = rootWithRest(hashes, right);
    }
    return right ?? EMPTY_ROOT;
  }

  clone(): TreeEdge {
    const copy = new TreeEdge();
    copy.#size = this.#size;
    for (const hashes of this.#levels) copy.#levels.push([...hashes]);
    return copy;
  }
}

/** Root over the hashes of one level and, right of them, what the levels below have left over. */
function rootWithRest(hashes: readonly Buffer[], rest: Buffer | null): Buffer {
  // Perfect subtrees, largest first: 5 hashes are 4 and 1.
  const subtrees: Buffer[] = [];
  for (let start = 0; start < hashes.length; ) {
    const width = largestPowerOfTwo(hashes.length - start);
    subtrees.push(rootOf(hashes.slice(start, start + width)));
    start += width;
  }
  if (rest !== null) subtrees.push(rest);
  return subtrees.reduceRight((right, left) => nodeHash(left, right));
}

/** The largest power of two that is not above `n`. */
export function largestPowerOfTwo(n: number): number {
  let power = 1;
  while (power * 2 <= n) power *= 2;
  return power;
}
