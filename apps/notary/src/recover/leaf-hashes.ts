import {
  decodeBundle,
  HASH_BYTES,
  leafHash,
  type LogReader,
  splitHashes,
  TILE_WIDTH,
  tileOf,
  tilePath,
  tileReader,
} from '#app/transparency';
import type { Pool } from 'pg';
import { readLeaves, type Span } from '../read-leaves.js';
import { tilesDamaged } from '../refusal.js';

/**
 * The first position of a span whose leaf in the log is not the one in the tiles; null when all are the same.
 *
 * @param size of a tree that the tiles hold, at least `span.to` @throws MalformedTileError
 */
export async function firstDifference(
  pool: Pool,
  { read, size, span }: { read: LogReader; size: number; span: Span },
): Promise<number | null> {
  const readTile = tileReader(read);
  for await (const { from, hashes } of readLeaves(pool, span)) {
    const tile = await readTile(tileOf(0, from, size));
    const published = tile.subarray((from % TILE_WIDTH) * HASH_BYTES).subarray(0, hashes.length);
    if (published.equals(hashes)) continue;
    const first = splitHashes(hashes).findIndex((hash, index) => !hash.equals(hashAt(published, index)));
    return from + first;
  }
  return null;
}

function hashAt(hashes: Buffer, index: number): Buffer {
  return hashes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
}

/**
 * The entries of the last bundle of a tree, held against the hashes of its tile.
 *
 * @throws Refusal `TILES_DAMAGED`, MalformedTileError
 */
export async function lastEntries(read: LogReader, size: number): Promise<Buffer[]> {
  const tile = tileOf(0, size - 1, size);
  const hashes = await tileReader(read)(tile);
  const entries = await readBundle(read, { index: tile.index, width: tile.width });
  for (const [index, entry] of entries.entries()) {
    if (!leafHash(entry).equals(hashAt(hashes, index))) {
      const position = tile.index * TILE_WIDTH + index;
      throw tilesDamaged(
        `entry ${position} in ${tilePath({ ...tile, level: 'entries' })} is not the one in ${tilePath(tile)}`,
      );
    }
  }
  return entries;
}

async function readBundle(read: LogReader, { index, width }: { index: number; width: number }): Promise<Buffer[]> {
  const path = tilePath({ level: 'entries', index, width });
  const bundle = await read(path);
  if (bundle !== null) return decodeBundle(bundle, width);
  const full = width < TILE_WIDTH ? await read(tilePath({ level: 'entries', index, width: TILE_WIDTH })) : null;
  if (full === null) throw tilesDamaged(`${path} is missing`);
  return decodeBundle(full, TILE_WIDTH).slice(0, width);
}
