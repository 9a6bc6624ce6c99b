import { EMPTY_ROOT, HASH_BYTES, nodeHash, rootOf } from './hashing.js';
import { type Tile, tileOf, TILE_WIDTH } from './tiles.js';
import { largestPowerOfTwo } from './tree-edge.js';

/** Reads a tile of hashes of the tree that proofs are made for: `tile.width` × 32 bytes. */
export type TileReader = (tile: Tile) => Promise<Buffer>;

/**
 * What can be proved about a tree of `size` leaves by its tiles (RFC 6962 §2.1.1, §2.1.2). Every tile is read once; for
 * one proof these are as many as the tree has levels of tiles, or twice as many.
 */
export class TreeProver {
  readonly #tiles = new Map<string, Promise<Buffer>>();

  constructor(
    readonly size: number,
    private readonly read: TileReader,
  ) {}

  root(): Promise<Buffer> {
    return this.size === 0 ? Promise.resolve(EMPTY_ROOT) : this.#range(0, this.size);
  }

  /** The hash of one leaf. */
  leaf(index: number): Promise<Buffer> {
    return this.#subtree(index, 1);
  }

  /** The audit path of a leaf, its sibling first. @throws RangeError for an index that is not in the tree */
  inclusion(index: number): Promise<Buffer[]> {
    if (index < 0 || index >= this.size) throw new RangeError(`no leaf ${index} in a tree of ${this.size}`);
    return this.#path(index, 0, this.size);
  }

  /** That the tree of `from` leaves is the beginning of this one. @throws RangeError for more leaves than there are */
  async consistency(from: number): Promise<Buffer[]> {
    if (from < 0 || from > this.size) throw new RangeError(`no ${from} leaves in a tree of ${this.size}`);
    if (from === 0 || from === this.size) return [];
    return this.#subproof({ from, start: 0, end: this.size, isWhole: true });
  }

  async #path(index: number, start: number, end: number): Promise<Buffer[]> {
    if (end - start === 1) return [];
    const middle = start + split(end - start);
    return index < middle
      ? [...(await this.#path(index, start, middle)), await this.#range(middle, end)]
      : [...(await this.#path(index, middle, end)), await this.#range(start, middle)];
  }

  async #subproof(of: { from: number; start: number; end: number; isWhole: boolean }): Promise<Buffer[]> {
    const { from, start, end, isWhole } = of;
    if (from === end) return isWhole ? [] : [await this.#range(start, end)];
    const middle = start + split(end - start);
    return from <= middle
      ? [...(await this.#subproof({ from, start, end: middle, isWhole })), await this.#range(middle, end)]
      : [...(await this.#subproof({ from, start: middle, end, isWhole: false })), await this.#range(start, middle)];
  }

  /** Root over the leaves from `start` to before `end`; `start` as RFC 6962 splits them. */
  async #range(start: number, end: number): Promise<Buffer> {
    const width = largestPowerOfTwo(end - start);
    const left = await this.#subtree(start, width);
    return start + width === end ? left : nodeHash(left, await this.#range(start + width, end));
  }

  /** Root of a perfect subtree: `width` a power of two, `start` a multiple of it. */
  async #subtree(start: number, width: number): Promise<Buffer> {
    let level = 0;
    let unit = 1;
    while (unit * TILE_WIDTH <= width) {
      unit *= TILE_WIDTH;
      level++;
    }
    const first = start / unit;
    const tile = tileOf(level, first, this.size);
    const bytes = await this.#tile(tile);
    const offset = first % TILE_WIDTH;
    return rootOf(Array.from({ length: width / unit }, (_, i) => hashAt(bytes, offset + i)));
  }

  #tile(tile: Tile): Promise<Buffer> {
    const key = `${tile.level}/${tile.index}`;
    const known = this.#tiles.get(key);
    if (known !== undefined) return known;
    const reading = this.read(tile);
    this.#tiles.set(key, reading);
    return reading;
  }
}

/** The root that an audit path leads to (RFC 9162 §2.1.3.2); null when the path does not fit the index and the size. */
export function rootOfInclusion(
  leaf: Buffer,
  { index, size }: { index: number; size: number },
  path: readonly Buffer[],
): Buffer | null {
  if (index < 0 || index >= size) return null;
  let position = index;
  let last = size - 1;
  let root = leaf;
  for (const sibling of path) {
    if (last === 0) return null;
    if (position % 2 === 1 || position === last) {
      root = nodeHash(sibling, root);
      while (position % 2 === 0 && position !== 0) {
        position /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      root = nodeHash(root, sibling);
    }
    position = Math.floor(position / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? root : null;
}

/** Size and root of a tree. */
export interface TreeHead {
  size: number;
  root: Buffer;
}

/** Whether `proof` shows that the `older` tree is the beginning of the `newer` one (RFC 9162 §2.1.4.2). */
export function isConsistent(older: TreeHead, newer: TreeHead, proof: readonly Buffer[]): boolean {
  if (older.size > newer.size) return false;
  if (older.size === newer.size) return proof.length === 0 && older.root.equals(newer.root);
  if (older.size === 0) return proof.length === 0 && older.root.equals(EMPTY_ROOT);
  const path = isPowerOfTwo(older.size) ? [older.root, ...proof] : [...proof];
  const [first, ...rest] = path;
  if (first === undefined) return false;
  let position = older.size - 1;
  let last = newer.size - 1;
  while (position % 2 === 1) {
    position = (position - 1) / 2;
    last = Math.floor(last / 2);
  }
  let before = first;
  let after = first;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      before = nodeHash(sibling, before);
      after = nodeHash(sibling, after);
      while (position % 2 === 0 && position !== 0) {
        position /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      after = nodeHash(after, sibling);
    }
    position = Math.floor(position / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && before.equals(older.root) && after.equals(newer.root);
}

function hashAt(bytes: Buffer, index: number): Buffer {
  return bytes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
}

/** RFC 6962: the largest power of two below n. */
function split(n: number): number {
  return largestPowerOfTwo(n - 1);
}

function isPowerOfTwo(n: number): boolean {
  return largestPowerOfTwo(n) === n;
}
