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
