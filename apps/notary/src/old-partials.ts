import { edgeTiles, hashesAt, type Tile, TILE_WIDTH, tilePath } from '#app/transparency';
import type { TileStore } from './tile-store.js';

/**
 * Removes partial tiles that nobody needs any more: those of a tile whose full one is there and under a published
 * checkpoint (C2SP tlog-tiles allows it, and a reader of an older checkpoint takes the full one instead).
 */
export class OldPartials {
  readonly #partial = new Map<string, Tile>();

  constructor(private readonly store: TileStore) {}

  /** Partial tiles of a tree of this size were written. */
  remember(size: number): void {
    for (const tile of edgeTiles(size)) {
      const full = { ...tile, width: TILE_WIDTH };
      this.#partial.set(tilePath(full), full);
    }
  }

  /** One that was killed before it signed may have left partial tiles of any size in between. */
  rememberBetween(from: number, to: number): void {
    for (let size = from - (from % TILE_WIDTH) + 1; size <= to; size += TILE_WIDTH) this.remember(size);
  }

  /** @param published size of the published checkpoint */
  async remove(published: number): Promise<void> {
    for (const [path, tile] of this.#partial) {
      if (!isFull(tile, published)) continue;
      await this.store.removeFolder(`${path}.p`);
      this.#partial.delete(path);
    }
  }
}

/** Whether a tile is full in a tree of `size` leaves. */
export function isFull({ level, index }: Tile, size: number): boolean {
  return (index + 1) * TILE_WIDTH <= hashesAt(level === 'entries' ? 0 : level, size);
}
