import {
  type DurableFile,
  edgeTiles,
  type HashTile,
  TILE_WIDTH,
  tilePath,
  TreeEdge,
  type TreeHead,
} from '#app/transparency';
import type { LeafRun } from './leaf-run.js';

/** The tree as it grows: its edge, and what is there of the last bundle, which is not full yet. */
export class GrowingTree {
  #bundle: Buffer[];

  /** @param bundle the last one, with `edge.size` modulo 256 entries */
  constructor(
    private readonly edge: TreeEdge = new TreeEdge(),
    bundle?: Buffer,
  ) {
    this.#bundle = bundle === undefined ? [] : [bundle];
  }

  get size(): number {
    return this.edge.size;
  }

  head(): TreeHead {
    return { size: this.size, root: this.edge.root() };
  }

  /** @param run the next leaves @returns the tiles and the bundle that became full, mostly none */
  append({ from, bundle, hashes }: LeafRun): DurableFile[] {
    if (from !== this.size) throw new RangeError(`leaf ${from} is not the next one of ${this.size}`);
    this.#bundle.push(bundle);
    const filled = this.edge.appendRun(hashes);
    if (filled.length === 0) return [];
    const full = this.#bundleFile(this.size / TILE_WIDTH - 1, TILE_WIDTH);
    this.#bundle = [];
    return [full, ...filled.map(fileOf)];
  }

  /** The partial tiles and the partial bundle that a checkpoint of the present size needs. */
  partials(): DurableFile[] {
    const tiles = this.edge.partialTiles().map(fileOf);
    const [lowest] = edgeTiles(this.size);
    return lowest?.level === 'entries' ? [this.#bundleFile(lowest.index, lowest.width), ...tiles] : tiles;
  }

  #bundleFile(index: number, width: number): DurableFile {
    const [first, ...more] = this.#bundle;
    const bytes = first !== undefined && more.length === 0 ? first : Buffer.concat(this.#bundle);
    // It has grown by a piece a step; as one piece it is not put together again for the next checkpoint.
    this.#bundle = [bytes];
    return { path: tilePath({ level: 'entries', index, width }), bytes };
  }
}

function fileOf({ tile, bytes }: HashTile): DurableFile {
  return { path: tilePath(tile), bytes };
}
