import { CHECKPOINT_FILE, hashesAt, type LogReader, TILE_WIDTH, tilePath, tileReader } from '#app/transparency';
import { CommandError, EXIT } from '../exit-codes.js';
import { readBundle } from '../verify/check-range.js';
import type { NewBackupFolder } from './backup-folder.js';
import { TILES } from './manifest.js';

/** Tiles at once: each file is synced. */
const AT_ONCE = 8;

export interface SavedTiles {
  files: number;
  bytes: number;
}

/**
 * Copies the trees of these sizes out of the folder that is published, which goes on growing meanwhile: what is under a
 * signed checkpoint never changes, and a partial tile that has gone is the beginning of the full one.
 *
 * @param note of the checkpoint that was published
 * @throws CommandError when a file is missing; MalformedTileError when one is too short
 */
export async function saveTiles(
  read: LogReader,
  { note, sizes }: { note: string; sizes: readonly number[] },
  { into, onFiles }: { into: NewBackupFolder; onFiles: (done: number, total: number) => void },
): Promise<SavedTiles> {
  const hashes = tileReader(read);
  const saved: SavedTiles = { files: 0, bytes: 0 };
  const save = async (name: string, bytes: Uint8Array | null): Promise<void> => {
    if (bytes === null) {
      throw new CommandError(`${name} is missing: ledger verify --log shows what else is.`, EXIT.failed);
    }
    await into.write(`${TILES}/${name}`, bytes);
    saved.files += 1;
    saved.bytes += bytes.length;
  };
  const places = [...new Map(sizes.flatMap(placesIn).map((place) => [tilePath(place), place])).values()];
  for (let first = 0; first < places.length; first += AT_ONCE) {
    await Promise.all(
      places.slice(first, first + AT_ONCE).map(async (tile) => {
        if (tile.level > 0) return save(tilePath(tile), await hashes(tile));
        const files = await readBundle(read, tile);
        await save(tilePath({ ...tile, level: 'entries' }), files.bundle);
        await save(tilePath(tile), files.tile);
      }),
    );
    onFiles(Math.min(first + AT_ONCE, places.length), places.length);
  }
  await save(CHECKPOINT_FILE, Buffer.from(note));
  return saved;
}

/** Every tile of hashes of a tree of `size` leaves; with one of level 0 goes the bundle of its entries. */
function placesIn(size: number): { level: number; index: number; width: number }[] {
  const places = [];
  for (let level = 0; hashesAt(level, size) > 0; level += 1) {
    const hashes = hashesAt(level, size);
    for (let index = 0; index * TILE_WIDTH < hashes; index += 1) {
      places.push({ level, index, width: Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH) });
    }
  }
  return places;
}
