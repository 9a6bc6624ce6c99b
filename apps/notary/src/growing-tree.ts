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
    this.#bundle.push(...bundle);
    const filled = this.edge.appendRun(hashes);
    if (filled.length === 0) return [];
    const path = tilePath({ level: 'entries', index: this.size / TILE_WIDTH - 1, width: TILE_WIDTH });
    const full = { path, bytes: this.#bundle };
    this.#bundle = [];
    return [full, ...filled.map(fileOf)];
  }

  /** The partial tiles and the partial bundle that a checkpoint of the present size needs. */
  partials(): DurableFile[] {
    const tiles = this.edge.partialTiles().map(fileOf);
    const [lowest] = edgeTiles(this.size);
    return lowest?.level === 'entries' ? [{ path: tilePath(lowest), bytes: [...this.#bundle] }, ...tiles] : tiles;
  }
}

function fileOf({ tile, bytes }: HashTile): DurableFile {
  return { path: tilePath(tile), bytes };
}
