import { frameEntries, HASH_BYTES } from '#app/transparency';

/** Neighbouring leaves, all of one entry bundle. */
export interface LeafRun {
  /** Their positions: from `from` to before `to`. */
  from: number;
  to: number;
  /** As the bundle holds them, each behind its length; in pieces, of which none ends within a leaf. */
  bundle: readonly Buffer[];
  /** Of the leaves, one behind the other. */
  hashes: Buffer;
}

/**
 * Makes a run, in place, of leaves with two bytes of room before each. Only the few that go on in another piece are copied:
 * putting all of them into one buffer costs more than it saves, in fresh memory and in the collection of it.
 *
 * @param lengths of the leaves
 * @throws RangeError where the lengths are not those of the pieces
 */
export function frameRun(from: number, pieces: readonly Buffer[], lengths: readonly number[]): LeafRun {
  const rooms = cutBetweenLeaves(pieces, lengths);
  const hashes = rooms.map((one) => frameEntries(one.room, one.lengths));
  return {
    from,
    to: from + lengths.length,
    bundle: rooms.map(({ room }) => room),
    hashes: Buffer.concat(hashes, lengths.length * HASH_BYTES),
  };
}

/** Whole leaves, the room before each included. */
interface Room {
  room: Buffer;
  lengths: number[];
}

function cutBetweenLeaves(pieces: readonly Buffer[], lengths: readonly number[]): Room[] {
  const rooms: Room[] = [];
  const rest = pieces.values();
  let piece: Buffer = lengths.length > 0 ? next(rest) : NOTHING;
  let start = 0;
  let inPiece: number[] = [];
  let end = 0;
  const close = (): void => void (end > start && rooms.push({ room: piece.subarray(start, end), lengths: inPiece }));
  for (const length of lengths) {
    let missing = end + ROOM_BYTES + length - piece.length;
    if (missing <= 0) {
      inPiece.push(length);
      end += ROOM_BYTES + length;
      continue;
    }
    close();
    const parts = [piece.subarray(end)];
    for (; missing > 0; missing -= end) {
      piece = next(rest);
      end = Math.min(missing, piece.length);
      parts.push(piece.subarray(0, end));
    }
    rooms.push({ room: Buffer.concat(parts), lengths: [length] });
    start = end;
    inPiece = [];
  }
  close();
  if (end < piece.length || rest.next().done !== true) throw new RangeError('the leaves are longer than their lengths');
  return rooms;
}

const NOTHING: Buffer = Buffer.alloc(0);
const ROOM_BYTES = 2;

function next(pieces: IterableIterator<Buffer>): Buffer {
  const { value, done } = pieces.next() as IteratorResult<Buffer, undefined>;
  if (done === true) throw new RangeError('the leaves are shorter than their lengths');
  return value;
}

/** Cuts a run before a position that it holds, or at its end, without copying. */
export function cutRun({ from, to, bundle, hashes }: LeafRun, at: number): [LeafRun, LeafRun] {
  const [before, behind] = cutBundle(bundle, at - from);
  const cut = (at - from) * HASH_BYTES;
  return [
    { from, to: at, bundle: before, hashes: hashes.subarray(0, cut) },
    { from: at, to, bundle: behind, hashes: hashes.subarray(cut) },
  ];
}

function cutBundle(bundle: readonly Buffer[], leaves: number): [Buffer[], Buffer[]] {
  let left = leaves;
  for (const [index, piece] of bundle.entries()) {
    let offset = 0;
    for (; left > 0 && offset < piece.length; left -= 1) offset += ROOM_BYTES + piece.readUInt16BE(offset);
    if (offset === piece.length) continue;
    return [
      [...bundle.slice(0, index), piece.subarray(0, offset)],
      [piece.subarray(offset), ...bundle.slice(index + 1)],
    ];
  }
  return [[...bundle], []];
}
