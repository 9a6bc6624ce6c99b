import {
  EMPTY_ROOT,
  HASH_BYTES,
  MalformedTileError,
  rootOver,
  type Tile,
  TILE_WIDTH,
  tileOf,
  type TileReader,
  TreeEdge,
  type TreeHead,
} from '#app/transparency';

/**
 * The hashes that a signed root vouches for, read from the tiles from the top down: the ones at the right edge give the
 * root, and every full tile must give its hash in the one above. What does not is unknown here, never believed.
 */
export class SignedTree {
  /** The last tile of each level that was asked for: whoever reads in order needs no more. */
  readonly #last = new Map<number, { index: number; tile: Promise<Buffer | null> }>();

  private constructor(
    readonly head: TreeHead,
    private readonly read: TileReader,
    private readonly edge: ReadonlyMap<number, Buffer> | null,
  ) {}

  static async open(head: TreeHead, read: TileReader): Promise<SignedTree> {
    return new SignedTree(head, read, await signedEdge(head, read));
  }

  /** Whether the tiles at the right edge are there and give the signed root. Else every hash is unknown. */
  get isRooted(): boolean {
    return this.edge !== null;
  }

  /** A hash of a level, leaves being level 0; null when it is unknown. @throws what reading throws */
  async hash(level: number, index: number): Promise<Buffer | null> {
    const tile = await this.tile(level, Math.floor(index / TILE_WIDTH));
    const offset = (index % TILE_WIDTH) * HASH_BYTES;
    return tile === null ? null : tile.subarray(offset, offset + HASH_BYTES);
  }

  /** All hashes of a tile of this size's tree; null when they are unknown. */
  async tile(level: number, index: number): Promise<Buffer | null> {
    if (this.edge === null) return null;
    const place = tileOf(level, index * TILE_WIDTH, this.head.size);
    if (place.width < TILE_WIDTH) return this.edge.get(level) ?? null;
    const last = this.#last.get(level);
    if (last?.index === index) return last.tile;
    const tile = this.#full(place, level);
    this.#last.set(level, { index, tile });
    return tile;
  }

  async #full(place: Tile, level: number): Promise<Buffer | null> {
    const expected = await this.hash(level + 1, place.index);
    const bytes = expected === null ? null : await readOrNull(this.read, place);
    return bytes !== null && expected !== null && rootOver(bytes).equals(expected) ? bytes : null;
  }
}

/** The partial tiles by level, when they give the root. */
async function signedEdge({ size, root }: TreeHead, read: TileReader): Promise<Map<number, Buffer> | null> {
  if (size === 0) return root.equals(EMPTY_ROOT) ? new Map() : null;
  const tiles = new Map<number, Buffer>();
  try {
    const edge = await TreeEdge.load(size, async (tile) => {
      const bytes = await read(tile);
      tiles.set(tile.level as number, bytes);
      return bytes;
    });
    return edge.root().equals(root) ? tiles : null;
  } catch (error) {
    if (error instanceof MalformedTileError) return null;
    throw error;
  }
}

async function readOrNull(read: TileReader, tile: Tile): Promise<Buffer | null> {
  try {
    return await read(tile);
  } catch (error) {
    if (error instanceof MalformedTileError) return null;
    throw error;
  }
}
