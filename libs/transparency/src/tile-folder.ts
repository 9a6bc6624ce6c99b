import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { HASH_BYTES } from './hashing.js';
import { MalformedTileError } from './entry-bundle.js';
import type { TileReader } from './proofs.js';
import { type Tile, TILE_WIDTH, tilePath } from './tiles.js';

/** Name of the signed checkpoint in the folder of a log, and below its prefix. */
export const CHECKPOINT_FILE = 'checkpoint';

/** A file of a log by its path below the prefix; null when it is not there. */
export type LogReader = (path: string) => Promise<Buffer | null>;

/** Reads a log from a folder that lies as C2SP tlog-tiles has it. */
export function folderReader(folder: string): LogReader {
  return async (name) => {
    try {
      return await readFile(path.join(folder, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  };
}

/**
 * Reads tiles, and the beginning of a wider one where a partial one is gone: a log may delete it once the full one is
 * there.
 *
 * @throws MalformedTileError for a tile that is missing or too short
 */
export function tileReader(read: LogReader): TileReader {
  return async (tile) => {
    const bytes = await readTile(read, tile);
    if (bytes === null) throw new MalformedTileError(`${tilePath(tile)} is missing`);
    if (bytes.length !== tile.width * HASH_BYTES) {
      throw new MalformedTileError(`${tilePath(tile)} has ${bytes.length} bytes, not ${tile.width * HASH_BYTES}`);
    }
    return bytes;
  };
}

async function readTile(read: LogReader, tile: Tile): Promise<Buffer | null> {
  const bytes = await read(tilePath(tile));
  if (bytes !== null || tile.width === TILE_WIDTH) return bytes;
  const full = await read(tilePath({ ...tile, width: TILE_WIDTH }));
  return full === null ? null : full.subarray(0, tile.width * HASH_BYTES);
}
