import {
  decodeBundle,
  HASH_BYTES,
  leafHashes,
  MalformedTileError,
  rootOver,
  TILE_WIDTH,
  tilePath,
} from '#app/transparency';
import { LeafOrder, type LeafRun } from './leaf-order.js';
import type { Finding } from './findings.js';

/** An entry bundle and the tile of its hashes, as they lie in the log; null for what is not there. */
export interface BundleFiles {
  bundle: Uint8Array | null;
  tile: Uint8Array | null;
}

/** What one bundle and its tile say. It can be sent between threads. */
export interface CheckedBundle {
  index: number;
  /** Number of leaves. */
  width: number;
  /** Hashes of the entries, one behind the other; null when the bundle is missing or malformed. */
  entries: Uint8Array | null;
  /** The tile, where it differs from them or they are not known; null when it is missing or malformed, or is the same. */
  tile: Uint8Array | null;
  /** Whether the tile says the same as the entries. */
  isSame: boolean;
  /** Root over the entries' hashes (of a full bundle: the hash at level 1), else over the tile's; null when neither is known. */
  root: Uint8Array | null;
  /** What is wrong whatever the tree says: missing and malformed files, and leaves that break our promises. */
  treeFindings: Finding[];
  leafFindings: Finding[];
  leaves: LeafRun | null;
}

/**
 * Compares a bundle with its tile and reads its leaves. Which of the two is right only the tree above can tell.
 *
 * @param treeOnly leaves are any bytes
 */
export function checkBundle(
  { index, width }: { index: number; width: number },
  files: BundleFiles,
  treeOnly: boolean,
): CheckedBundle {
  const treeFindings: Finding[] = [];
  const first = index * TILE_WIDTH;
  const entries = decoded(files.bundle, { index, width }, treeFindings);
  const hashes = entries === null ? null : leafHashes(entries);
  const tile = tileOf(files.tile, { index, width }, treeFindings);
  const isSame = hashes !== null && tile !== null && hashes.equals(tile);
  const known = hashes ?? tile;
  const order = new LeafOrder(first);
  if (entries !== null && !treeOnly) for (const entry of entries) order.add(entry);
  return {
    index,
    width,
    entries: isSame && width === TILE_WIDTH ? null : hashes,
    tile: isSame ? null : tile,
    isSame,
    root: known === null ? null : rootOver(known),
    treeFindings,
    leafFindings: order.findings,
    leaves: order.run,
  };
}

function decoded(
  bundle: Uint8Array | null,
  { index, width }: { index: number; width: number },
  findings: Finding[],
): Buffer[] | null {
  const place = { position: index * TILE_WIDTH, path: tilePath({ level: 'entries', index, width }) };
  if (bundle === null) {
    findings.push({ kind: 'MISSING', detail: `${place.path} is missing`, ...place });
    return null;
  }
  try {
    return decodeBundle(asBuffer(bundle), width);
  } catch (error) {
    if (!(error instanceof MalformedTileError)) throw error;
    findings.push({ kind: 'MALFORMED', detail: `${place.path}: ${error.message}`, ...place });
    return null;
  }
}

function tileOf(
  tile: Uint8Array | null,
  { index, width }: { index: number; width: number },
  findings: Finding[],
): Buffer | null {
  const place = { position: index * TILE_WIDTH, path: tilePath({ level: 0, index, width }) };
  if (tile === null) {
    findings.push({ kind: 'MISSING', detail: `${place.path} is missing`, ...place });
    return null;
  }
  if (tile.length === width * HASH_BYTES) return asBuffer(tile);
  const detail = `${place.path} has ${tile.length} bytes, not ${width * HASH_BYTES}`;
  findings.push({ kind: 'MALFORMED', detail, ...place });
  return null;
}

/** The same bytes; what comes from another thread is no Buffer any more. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
