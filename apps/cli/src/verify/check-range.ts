import path from 'node:path';
import { folderReader, HASH_BYTES, type LogReader, TILE_WIDTH, tilePath } from '#app/transparency';
import { type BundleFiles, checkBundle, type CheckedBundle } from './check-bundle.js';
import { ReusedBuffer } from './reused-buffer.js';

/** Consecutive bundles. It can be sent between threads. */
export interface RangeJob {
  /** Index of the first bundle. */
  first: number;
  count: number;
  /** Of the tree: the last bundle may be partial. */
  size: number;
  treeOnly: boolean;
  /** Where to read them, or what was fetched already. */
  from: { folder: string } | { files: BundleFiles[] };
}

/** Bundles that are checked by one thread at once: some megabytes, a few tens of milliseconds. */
export const RANGE_BUNDLES = 16;

/** Reads and checks them one after the other, the next one already on its way. */
export async function checkRange({ first, count, size, treeOnly, from }: RangeJob): Promise<CheckedBundle[]> {
  const places = placesOf({ first, count, size });
  if ('files' in from) return places.map((place, i) => checkBundle(place, from.files[i] as BundleFiles, treeOnly));
  const buffers = [takeBuffer(), takeBuffer()] as const;
  try {
    const filesOf = (i: number): Promise<BundleFiles> =>
      readBundle(readerInto(buffers[i % 2] as ReusedBuffer, from.folder), places[i] as Place);
    const checked: CheckedBundle[] = [];
    let coming = filesOf(0);
    for (const [i, place] of places.entries()) {
      const files = await coming;
      if (i + 1 < places.length) coming = filesOf(i + 1);
      checked.push(checkBundle(place, files, treeOnly));
    }
    return checked;
  } finally {
    idle.push(...buffers);
  }
}

/** Of ranges that this thread has done. */
const idle: ReusedBuffer[] = [];

function takeBuffer(): ReusedBuffer {
  return idle.pop() ?? new ReusedBuffer();
}

/** Bundles are large: they share a buffer, so that only one of them can be looked at. */
function readerInto(buffer: ReusedBuffer, folder: string): LogReader {
  const read = folderReader(folder);
  return (name) => (name.startsWith(BUNDLES) ? buffer.read(path.join(folder, name)) : read(name));
}

const BUNDLES = 'tile/entries/';

/** A bundle by its number, and how many entries it has. */
interface Place {
  index: number;
  width: number;
}

/** Index and width of the bundles of a range. */
export function placesOf({ first, count, size }: { first: number; count: number; size: number }): Place[] {
  return Array.from({ length: count }, (_, i) => ({
    index: first + i,
    width: Math.min(TILE_WIDTH, size - (first + i) * TILE_WIDTH),
  }));
}

/** The full ones where the partial ones are gone: a log may delete these. */
export async function readBundle(read: LogReader, { index, width }: Place): Promise<BundleFiles> {
  const [bundle, tile] = await Promise.all(
    (['entries', 0] as const).map(async (level) => {
      const bytes = await read(tilePath({ level, index, width }));
      if (bytes !== null || width === TILE_WIDTH) return bytes;
      const full = await read(tilePath({ level, index, width: TILE_WIDTH }));
      return full === null ? null : beginningOf(full, level, width);
    }),
  );
  return { bundle: bundle ?? null, tile: tile ?? null };
}

/** The first `width` entries or hashes of a full bundle or tile. */
function beginningOf(full: Buffer, level: 'entries' | 0, width: number): Buffer {
  if (level === 0) return full.subarray(0, width * HASH_BYTES);
  let end = 0;
  for (let i = 0; i < width && end + 2 <= full.length; i++) end += 2 + full.readUInt16BE(end);
  return full.subarray(0, end);
}
