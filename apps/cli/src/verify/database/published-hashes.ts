import { leafHashes, decodeBundle, MalformedTileError, TILE_WIDTH, tileOf, type TileReader } from '#app/transparency';
import { CommandError, EXIT } from '../../exit-codes.js';
import { placesOf, readBundle } from '../check-range.js';
import type { LogSource } from '../log-source.js';
import type { SignedTree } from '../signed-tree.js';

/** A published log, as the database is held against it. */
export interface PublishedLog {
  tree: SignedTree;
  read: TileReader;
  source: LogSource;
}

/** Leaf hashes as the signed root vouches for them; where the tiles above are damaged, as the tile or the bundle has them. */
export class PublishedHashes {
  #next = 0;

  constructor(private readonly log: PublishedLog) {}

  get size(): number {
    return this.log.tree.head.size;
  }

  /** Those of the next tile, one behind the other; null behind the last. @throws CommandError when they are missing */
  async next(): Promise<Buffer | null> {
    const { tree, read, source } = this.log;
    const { size } = this;
    const index = this.#next;
    if (index * TILE_WIDTH >= size) return null;
    this.#next += 1;
    const hashes =
      (await tree.tile(0, index)) ?? (await fromBundle(source, index, size)) ?? (await fromTile(read, index, size));
    if (hashes !== null) return hashes;
    const what = `the published entries ${index * TILE_WIDTH} and following are missing: the database cannot be compared`;
    throw new CommandError(what, EXIT.failed);
  }
}

async function fromBundle(source: LogSource, index: number, size: number): Promise<Buffer | null> {
  const [place] = placesOf({ first: index, count: 1, size });
  const { width } = place as { width: number };
  const { bundle } = await readBundle(source.read, { index, width });
  if (bundle === null) return null;
  return orNull(async () => leafHashes(decodeBundle(Buffer.from(bundle), width)));
}

async function fromTile(read: TileReader, index: number, size: number): Promise<Buffer | null> {
  return orNull(() => read(tileOf(0, index * TILE_WIDTH, size)));
}

async function orNull(work: () => Promise<Buffer>): Promise<Buffer | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MalformedTileError) return null;
    throw error;
  }
}
