import { hash } from 'node:crypto';

export const HASH_BYTES = 32;

/** Root of the tree without leaves: SHA-256 of nothing (RFC 6962 §2.1). */
export const EMPTY_ROOT: Buffer = hash('sha256', '', 'buffer');

// Prefix and content are put side by side here: one call of the hash costs half of two updates.
const leafScratch = Buffer.alloc(1 + 65_535);
const nodeScratch = Buffer.alloc(1 + 2 * HASH_BYTES);
nodeScratch[0] = 1;

/** SHA-256(0x00 ‖ entry). @throws RangeError for an entry that no entry bundle can hold (more than 65,535 bytes) */
export function leafHash(entry: Buffer): Buffer {
  if (entry.length >= leafScratch.length) throw new RangeError(`an entry of ${entry.length} bytes`);
  entry.copy(leafScratch, 1);
  return hash('sha256', leafScratch.subarray(0, 1 + entry.length), 'buffer');
}

/**
 * The leaf hashes of entries, one behind the other.
 *
 * A digest as a text of its bytes costs half of one as a Buffer, which brings memory outside the heap with it.
 *
 * @throws RangeError as `leafHash`
 */
export function leafHashes(entries: readonly Buffer[]): Buffer {
  const hashes = Buffer.allocUnsafe(entries.length * HASH_BYTES);
  for (const [index, entry] of entries.entries()) {
    if (entry.length >= leafScratch.length) throw new RangeError(`an entry of ${entry.length} bytes`);
    entry.copy(leafScratch, 1);
    hashes.write(hash('sha256', leafScratch.subarray(0, 1 + entry.length), 'binary'), index * HASH_BYTES, 'binary');
  }
  return hashes;
}

/** SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Buffer, right: Buffer): Buffer {
  left.copy(nodeScratch, 1);
  right.copy(nodeScratch, 1 + HASH_BYTES);
  return hash('sha256', nodeScratch, 'buffer');
}

/** Root over hashes that lie side by side; any number of them, at least one. */
export function rootOf(hashes: readonly Buffer[]): Buffer {
  if (hashes.length === 0) return EMPTY_ROOT;
  let level = hashes;
  // An odd one at the end goes up as it is: that is the same tree as splitting at the largest power of two.
  while (level.length > 1) {
    const above: Buffer[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const right = level[i + 1];
      above.push(right === undefined ? (level[i] as Buffer) : nodeHash(level[i] as Buffer, right));
    }
    level = above;
  }
  return level[0] as Buffer;
}

/** `rootOf` hashes that are one behind the other. @throws RangeError when a hash is incomplete */
export function rootOver(hashes: Buffer): Buffer {
  if (hashes.length % HASH_BYTES !== 0) throw new RangeError(`${hashes.length} bytes are no sequence of hashes`);
  if (hashes.length === 0) return EMPTY_ROOT;
  const level = Buffer.from(hashes);
  for (let length = level.length; length > HASH_BYTES; ) {
    let end = 0;
    for (let at = 0; at < length; at += 2 * HASH_BYTES, end += HASH_BYTES) {
      if (at + HASH_BYTES === length) {
        level.copyWithin(end, at, length);
      } else {
        level.copy(nodeScratch, 1, at, at + 2 * HASH_BYTES);
        level.write(hash('sha256', nodeScratch, 'binary'), end, 'binary');
      }
    }
    length = end;
  }
  return Buffer.from(level.subarray(0, HASH_BYTES));
}

/** Cuts concatenated hashes into single ones, without copying. @throws RangeError when a hash is incomplete */
export function splitHashes(bytes: Buffer): Buffer[] {
  if (bytes.length % HASH_BYTES !== 0) throw new RangeError(`${bytes.length} bytes are no sequence of hashes`);
  return Array.from({ length: bytes.length / HASH_BYTES }, (_, i) =>
    bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES),
  );
}
