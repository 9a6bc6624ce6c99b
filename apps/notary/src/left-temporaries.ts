import path from 'node:path';
import { TILE_WIDTH, tilePath } from '#app/transparency';

/** Tiles that share a folder (C2SP tlog-tiles: the last path element has three digits). */
const TILES_IN_FOLDER = 1000;

/**
 * Where a notary that was killed may have left files under temporary names: beside the checkpoint, where the next tiles of
 * each level go, and among the partial ones of these. Those of partial tiles further on go with their folders.
 *
 * @param size that was signed last
 */
export function foldersInWork(size: number): string[] {
  const folders = new Set(['.']);
  for (let level = 0; TILE_WIDTH ** level <= Math.max(size, 1); level += 1) {
    const index = Math.floor(size / TILE_WIDTH ** (level + 1));
    for (const kind of level === 0 ? ([0, 'entries'] as const) : [level]) {
      const full = (at: number): string => tilePath({ level: kind, index: at, width: TILE_WIDTH });
      for (const at of [index, index + TILES_IN_FOLDER]) folders.add(path.dirname(full(at)));
      for (const at of [index, index + 1]) folders.add(`${full(at)}.p`);
    }
  }
  return [...folders];
}
