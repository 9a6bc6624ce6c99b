import { HASH_BYTES } from '#app/transparency';

/** Neighbouring leaves, all of one entry bundle. */
export interface LeafRun {
  /** Their positions: from `from` to before `to`. */
  from: number;
  to: number;
  /** As the bundle holds them, each behind its length. */
  bundle: Buffer;
  /** Of the leaves, one behind the other. */
  hashes: Buffer;
}

/** Cuts a run before a position that it holds, or at its end, without copying. */
export function cutRun({ from, to, bundle, hashes }: LeafRun, at: number): [LeafRun, LeafRun] {
  let offset = 0;
  for (let position = from; position < at; position += 1) offset += 2 + bundle.readUInt16BE(offset);
  const cut = (at - from) * HASH_BYTES;
  return [
    { from, to: at, bundle: bundle.subarray(0, offset), hashes: hashes.subarray(0, cut) },
    { from: at, to, bundle: bundle.subarray(offset), hashes: hashes.subarray(cut) },
  ];
}
