import {
  encodeBundle,
  type LogReader,
  MalformedTileError,
  TILE_WIDTH,
  tileReader,
  TreeEdge,
  type TreeHead,
  TreeProver,
} from '#app/transparency';
import { GrowingTree } from '../growing-tree.js';
import { tilesDamaged } from '../refusal.js';
import { lastEntries } from './leaf-hashes.js';

/** The root that the tiles give for a size; null when they do not hold that tree. */
export async function rootInTiles(read: LogReader, size: number): Promise<Buffer | null> {
  try {
    return await new TreeProver(size, tileReader(read)).root();
  } catch (error) {
    if (error instanceof MalformedTileError) return null;
    throw error;
  }
}

/**
 * The tree that was signed, out of its tiles, ready to grow.
 *
 * @throws Refusal `TILES_DAMAGED`
 */
export async function loadTree(read: LogReader, signed: TreeHead): Promise<GrowingTree> {
  try {
    const edge = await TreeEdge.load(signed.size, tileReader(read));
    if (!edge.root().equals(signed.root)) {
      throw tilesDamaged(`the tiles do not give the root that was signed for ${signed.size} leaves`);
    }
    const entries = await lastEntries(read, signed.size);
    return new GrowingTree(edge, signed.size % TILE_WIDTH === 0 ? undefined : encodeBundle(entries));
  } catch (error) {
    if (error instanceof MalformedTileError) throw tilesDamaged(`of ${signed.size} leaves, ${error.message}`, error);
    throw error;
  }
}
