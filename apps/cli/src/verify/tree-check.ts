import {
  HASH_BYTES,
  type HashTile,
  MalformedTileError,
  rootOver,
  type Tile,
  TILE_WIDTH,
  tilePath,
  type TileReader,
  TreeEdge,
  type TreeHead,
} from '#app/transparency';
import { asBuffer, type CheckedBundle } from './check-bundle.js';
import type { Finding, Findings } from './findings.js';
import type { SignedTree } from './signed-tree.js';

/**
 * Rebuilds the whole tree out of the entries, holds every tile of every level against it, and the result against the signed
 * root. Where an entry and a tile differ, the tree above, down from the signed root, says which of them was changed.
 */
export class TreeCheck {
  /** The tree above the leaves: its leaves are the hashes of level 1. */
  readonly #upper = new TreeEdge();
  /** The hashes of the last, partial bundle. */
  #lowest: Buffer | null = null;
  /** Entries that differ from their tile where the tree above does not tell which is right. */
  readonly #unsettled: Finding[] = [];
  /** The first position from which on nothing can be rebuilt, because neither entries nor tile are there. */
  #lost: number | null = null;

  constructor(
    private readonly tree: SignedTree,
    private readonly read: TileReader,
    private readonly findings: Findings,
  ) {}

  /** The next bundle, in order. */
  async add(checked: CheckedBundle): Promise<void> {
    this.findings.add(...checked.treeFindings);
    const { index, width, root } = checked;
    const signed = await this.#signedHashes(checked);
    if (signed === null || !checked.isSame || !sameRoot(signed, root)) this.#judge(checked, signed);
    if (width < TILE_WIDTH) {
      this.#lowest = signed?.hashes ?? bufferOf(checked.entries ?? checked.tile);
      if (this.#lowest === null) this.#lost ??= index * TILE_WIDTH;
      return;
    }
    const hash = signed?.root ?? bufferOf(root);
    if (hash === null) this.#lost ??= index * TILE_WIDTH;
    if (this.#lost !== null || hash === null) return;
    for (const filled of this.#upper.append(hash)) await this.#compare(raised(filled));
  }

  /** The partial tiles and the root, after the last bundle. */
  async finish({ size, root }: TreeHead): Promise<void> {
    if (this.#lost !== null) {
      const detail = `from position ${this.#lost} on the tree cannot be built again, so its root is not checked`;
      return this.findings.add({ kind: 'ROOT', detail, position: this.#lost });
    }
    const tiles = this.#upper.partialTiles().map(raised);
    for (const tile of tiles) await this.#compare(tile);
    const edge = await TreeEdge.load(size, ({ level }) => Promise.resolve(bytesAt(level, tiles, this.#lowest)));
    if (edge.root().equals(root)) {
      // Then it was the tiles, with those above them, that were changed.
      for (const finding of this.#unsettled) this.findings.replace(finding, tileChanged(finding as Place));
      return;
    }
    // Under a root that the tiles at the edge confirm, what differs was named already, further down.
    if (this.tree.isRooted && this.findings.list.length > 0) return;
    const detail = `the tree of the ${size} entries has the root ${edge.root().toString('base64')}, the checkpoint ${root.toString('base64')}`;
    this.findings.add({ kind: 'ROOT', detail });
  }

  /** What the signed root says about the leaves of a bundle: their root, and of a partial one the hashes themselves. */
  async #signedHashes({ index, width }: CheckedBundle): Promise<Signed | null> {
    if (width === TILE_WIDTH) {
      const root = await this.tree.hash(1, index);
      return root === null ? null : { root, hashes: null };
    }
    const hashes = await this.tree.tile(0, index);
    return hashes === null ? null : { root: rootOver(hashes), hashes };
  }

  /** Entries, their tile and the tree above do not agree, or the tree above is unknown. */
  #judge(checked: CheckedBundle, signed: Signed | null): void {
    const { index, width, isSame } = checked;
    const path = tilePath({ level: 0, index, width });
    const entries = bufferOf(checked.entries);
    const tile = bufferOf(checked.tile);
    const areEntriesRight = signed !== null && (isSame || entries !== null) && sameRoot(signed, checked.root);
    const isTileRight = signed !== null && tile !== null && sameRoot(signed, rootOver(tile));
    if (entries !== null && tile !== null) {
      for (const offset of differing(entries, tile)) {
        const place = { path, position: index * TILE_WIDTH + offset };
        if (areEntriesRight) this.findings.add(tileChanged(place));
        else this.#entryDiffers(place, { isTileRight, isUnknown: signed === null });
      }
    }
    if (signed === null || areEntriesRight || isTileRight || checked.root === null) return;
    this.findings.add(
      notUnderRoot({ first: index * TILE_WIDTH, count: width, path, isTileAlone: checked.entries === null && !isSame }),
    );
  }

  #entryDiffers(place: Place, { isTileRight, isUnknown }: { isTileRight: boolean; isUnknown: boolean }): void {
    const proof = isTileRight ? ', which the signed root confirms' : '';
    const detail = `entry ${place.position} is not the one in ${place.path}${proof}`;
    const finding: Finding = { kind: 'ENTRY_CHANGED', detail, ...place };
    this.findings.add(finding);
    if (isUnknown && !this.findings.isFull) this.#unsettled.push(finding);
  }

  /** A tile above the leaves as it should be, against the one that is there. */
  async #compare({ tile, bytes }: HashTile): Promise<void> {
    const signed = await this.tree.tile(tile.level, tile.index);
    if (signed?.equals(bytes)) return;
    const path = tilePath(tile);
    const span = TILE_WIDTH ** tile.level;
    const start = tile.index * TILE_WIDTH * span;
    const stored = signed ?? (await this.#stored(tile));
    if (typeof stored === 'string') {
      const kind = stored.endsWith('missing') ? 'MISSING' : 'MALFORMED';
      return this.findings.add({ kind, detail: stored, position: start, path });
    }
    for (const offset of differing(bytes, stored)) {
      const position = start + offset * span;
      const detail = `${path}: hash ${offset} is not that of the entries ${position} to ${position + span - 1}`;
      this.findings.add(
        signed === null
          ? { kind: 'TILE_CHANGED', detail, position, path }
          : notUnderRoot({ first: position, count: span, path, isTileAlone: false }),
      );
    }
  }

  async #stored(tile: Tile): Promise<Buffer | string> {
    try {
      return await this.read(tile);
    } catch (error) {
      if (error instanceof MalformedTileError) return error.message;
      throw error;
    }
  }
}

interface Signed {
  root: Buffer;
  hashes: Buffer | null;
}

function sameRoot(signed: Signed, root: Uint8Array | null): boolean {
  return root !== null && signed.root.equals(root);
}

/** A hash of a tile at level 0. */
interface Place {
  path: string;
  position: number;
}

function tileChanged({ path, position }: Place): Finding {
  return {
    kind: 'TILE_CHANGED',
    detail: `${path}: hash ${position % TILE_WIDTH} is not that of entry ${position}`,
    position,
    path,
  };
}

/** Entries that fit the tiles below, all of them changed together, but not what was signed. */
function notUnderRoot(of: { first: number; count: number; path: string; isTileAlone: boolean }): Finding {
  const { first, count, path, isTileAlone } = of;
  const range = `the entries ${first} to ${first + count - 1}`;
  return isTileAlone
    ? {
        kind: 'TILE_CHANGED',
        detail: `${path} is not the one that the signed root has for ${range}`,
        position: first,
        path,
      }
    : {
        kind: 'ENTRY_CHANGED',
        detail: `${range} are not those under the signed root: at least one was changed`,
        position: first,
        path,
        count,
      };
}

/** Of hashes side by side, those that are not the same. */
function* differing(a: Buffer, b: Buffer): Generator<number, void, undefined> {
  for (let at = 0; at < a.length; at += HASH_BYTES) {
    if (a.compare(b, at, at + HASH_BYTES, at, at + HASH_BYTES) !== 0) yield at / HASH_BYTES;
  }
}

/** A tile of the tree above the leaves, as it is named in the whole tree. */
function raised({ tile, bytes }: HashTile): HashTile {
  return { tile: { ...tile, level: tile.level + 1 }, bytes };
}

function bytesAt(level: Tile['level'], tiles: readonly HashTile[], lowest: Buffer | null): Buffer {
  return (level === 0 ? lowest : tiles.find(({ tile }) => tile.level === level)?.bytes) ?? Buffer.alloc(0);
}

function bufferOf(bytes: Uint8Array | null): Buffer | null {
  return bytes === null ? null : asBuffer(bytes);
}
