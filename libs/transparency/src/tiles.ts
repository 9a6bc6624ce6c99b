/** Hashes of a full tile, entries of a full bundle. */
export const TILE_WIDTH = 256;

/** One resource of a tiled log: hashes at a level, or the entries themselves. */
export interface Tile {
  level: number | 'entries';
  index: number;
  /** 1 to 256; less than 256 is a partial tile. */
  width: number;
}

/** Where a tile lies below the prefix of the log: `tile/0/x001/x234/067.p/17` (C2SP tlog-tiles). */
export function tilePath({ level, index, width }: Tile): string {
  const groups = [String(index % 1000).padStart(3, '0')];
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(`x${String(rest % 1000).padStart(3, '0')}`);
  }
  return `tile/${level}/${groups.join('/')}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

const PATH = /^tile\/(entries|0|[1-9]\d?)\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/** The tile of a path; null for anything that `tilePath` does not write. */
export function parseTilePath(path: string): Tile | null {
  const [, level, groups, width] = PATH.exec(path) ?? [];
  if (level === undefined || groups === undefined) return null;
  const tile: Tile = {
    level: level === 'entries' ? level : Number(level),
    index: Number(groups.replaceAll(/[x/]/g, '')),
    width: width === undefined ? TILE_WIDTH : Number(width),
  };
  return tilePath(tile) === path && (tile.level === 'entries' || tile.level < 64) ? tile : null;
}

/** How many hashes level `level` has in a tree of `size` leaves: one for each full tile below. */
export function hashesAt(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** level);
}

/** The width in a tree of `size` leaves of the tile that holds hash `hashIndex` of a level. */
export function tileOf(level: number, hashIndex: number, size: number): Tile {
  const index = Math.floor(hashIndex / TILE_WIDTH);
  return { level, index, width: Math.min(TILE_WIDTH, hashesAt(level, size) - index * TILE_WIDTH) };
}

/** The partial tiles and the partial entry bundle at the right edge of a tree of `size` leaves, lowest level first. */
export function edgeTiles(size: number): Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0; hashesAt(level, size) > 0; level++) {
    const hashes = hashesAt(level, size);
    const width = hashes % TILE_WIDTH;
    if (width > 0) tiles.push({ level, index: Math.floor(hashes / TILE_WIDTH), width });
  }
  const [lowest] = tiles;
  if (lowest?.level === 0) tiles.unshift({ ...lowest, level: 'entries' });
  return tiles;
}
