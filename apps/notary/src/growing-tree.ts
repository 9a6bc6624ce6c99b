import {
  type DurableFile,
  edgeTiles,
  encodeBundle,
  type HashTile,
  leafHash,
  TILE_WIDTH,
  tilePath,
  TreeEdge,
  type TreeHead,
} from '#app/transparency';

/** The tree as it grows: its edge, and the entries of the last bundle, which is not full yet. */
export class GrowingTree {
  #entries: Buffer[];

  /** @param entries of the last bundle: `edge.size` modulo 256 */
  constructor(
    private readonly edge: TreeEdge = new TreeEdge(),
    entries: readonly Buffer[] = [],
  ) {
    this.#entries = [...entries];
  }

  get size(): number {
    return this.edge.size;
  }

  head(): TreeHead {
    return { size: this.size, root: this.edge.root() };
  }

  /** @param hash of the entry as a leaf @returns the tiles and the bundle that became full, mostly none */
  append(entry: Buffer, hash: Buffer = leafHash(entry)): DurableFile[] {
    this.#entries.push(entry);
    const filled = this.edge.append(hash);
    if (filled.length === 0) return [];
    const bundle = this.#bundle(this.size / TILE_WIDTH - 1, TILE_WIDTH);
    this.#entries = [];
    return [bundle, ...filled.map(fileOf)];
  }

  /** The partial tiles and the partial bundle that a checkpoint of the present size needs. */
  partials(): DurableFile[] {
    const tiles = this.edge.partialTiles().map(fileOf);
    const [lowest] = edgeTiles(this.size);
    return lowest?.level === 'entries' ? [this.#bundle(lowest.index, lowest.width), ...tiles] : tiles;
  }

  #bundle(index: number, width: number): DurableFile {
    return { path: tilePath({ level: 'entries', index, width }), bytes: encodeBundle(this.#entries) };
  }
}

function fileOf({ tile, bytes }: HashTile): DurableFile {
  return { path: tilePath(tile), bytes };
}
