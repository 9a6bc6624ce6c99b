import { hash } from 'node:crypto';
import { HASH_BYTES } from './hashing.js';

/** A tile or bundle has another form than C2SP tlog-tiles gives it. */
export class MalformedTileError extends Error {
  override readonly name = 'MalformedTileError';
}

/** Entries one after the other, each behind its length as a big-endian uint16 (C2SP tlog-tiles). */
export function encodeBundle(entries: readonly Buffer[]): Buffer {
  const bundle = Buffer.allocUnsafe(entries.reduce((bytes, entry) => bytes + 2 + entry.length, 0));
  let offset = 0;
  for (const entry of entries) {
    offset = bundle.writeUInt16BE(entry.length, offset);
    offset += entry.copy(bundle, offset);
  }
  return bundle;
}

/**
 * The entries of a bundle, without copying.
 *
 * @param width how many there must be
 * @throws MalformedTileError when it holds more or fewer, or ends within one
 */
export function decodeBundle(bundle: Buffer, width: number): Buffer[] {
  const entries: Buffer[] = [];
  let offset = 0;
  while (offset < bundle.length) {
    if (offset + 2 > bundle.length) throw new MalformedTileError('the bundle ends within a length');
    const start = offset + 2;
    offset = start + bundle.readUInt16BE(offset);
    if (offset > bundle.length) throw new MalformedTileError('the bundle ends within an entry');
    entries.push(bundle.subarray(start, offset));
  }
  if (entries.length !== width)
    throw new MalformedTileError(`the bundle holds ${entries.length} entries, not ${width}`);
  return entries;
}

const LENGTH_BYTES = 2;
const LONGEST_ENTRY = 65_535;

/**
 * Makes a bundle, in place, of entries that lie one after the other with two bytes of room before each, and hashes them:
 * the entries are not copied.
 *
 * @param lengths of the entries
 * @returns the leaf hashes, one behind the other
 * @throws RangeError for an entry that no bundle can hold, and where the lengths are not those of `room`
 */
export function frameEntries(room: Buffer, lengths: readonly number[]): Buffer {
  const hashes = Buffer.allocUnsafe(lengths.length * HASH_BYTES);
  let offset = 0;
  for (const [index, length] of lengths.entries()) {
    if (length > LONGEST_ENTRY) throw new RangeError(`an entry of ${length} bytes`);
    const end = offset + LENGTH_BYTES + length;
    if (end > room.length) throw new RangeError('the entries are shorter than their lengths');
    // RFC 6962 puts a zero before a leaf that is hashed: it stands where the length will.
    room[offset + 1] = 0;
    // A digest as a text of its bytes costs half of one as a Buffer, which brings memory outside the heap with it.
    hashes.write(hash('sha256', room.subarray(offset + 1, end), 'binary'), index * HASH_BYTES, 'binary');
    room.writeUInt16BE(length, offset);
    offset = end;
  }
  if (offset !== room.length) throw new RangeError('the entries are longer than their lengths');
  return hashes;
}
