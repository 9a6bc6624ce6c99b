import { ByteQueue } from './byte-queue.js';

/** A row of `COPY (SELECT bigint, integer[], text …) TO STDOUT (FORMAT binary)`. */
export interface CopyRow {
  from: number;
  /** Empty for NULL. */
  lengths: readonly number[];
  /**
   * The UTF-8 text, verbatim, in the pieces in which it came, with two bytes of no meaning before it: memory that nobody else
   * writes to or reads.
   */
  pieces: readonly Buffer[];
}

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
/** The signature, flags, and the length of an extension that nobody has ever defined. */
const HEADER_BYTES = SIGNATURE.length + 8;
/** The number of columns. */
const COUNT_BYTES = 2;
const LENGTH_BYTES = 4;
const BIGINT_BYTES = 8;
const AT_ARRAY = COUNT_BYTES + LENGTH_BYTES + BIGINT_BYTES + LENGTH_BYTES;
/** Dimensions, flags, type; of the one dimension its size and lower bound. Each element follows behind its length. */
const ARRAY_HEADER_BYTES = 20;
const SIZE_IN_ARRAY_HEADER = 12;
const ELEMENT_BYTES = LENGTH_BYTES + 4;
/** Of the length of the text, which lies right before it: nobody needs it any more when the row is handed on. */
const ROOM_BYTES = 2;

/**
 * Reads rows out of PostgreSQL's binary COPY format, chunk by chunk. A tenth of the time that rows as JavaScript values
 * take, and of the text nothing is copied.
 */
export class CopyRows {
  readonly #bytes = new ByteQueue();
  /** So many bytes must be there before it is worth looking again: a long row comes in many chunks. */
  #wanted = HEADER_BYTES;
  #isStarted = false;
  #isEnded = false;

  /** The rows that are complete with this chunk. @throws Error when this is not the format */
  read(chunk: Buffer): CopyRow[] {
    this.#bytes.push(chunk);
    const rows: CopyRow[] = [];
    while (!this.#isEnded && this.#bytes.size >= this.#wanted) {
      if (this.#isStarted) {
        const row = this.#row();
        if (row !== null) rows.push(row);
      } else {
        checkHeader(this.#bytes.takeWhole(HEADER_BYTES));
        this.#isStarted = true;
        this.#wanted = COUNT_BYTES;
      }
    }
    return rows;
  }

  /** @throws Error when rows are missing: the connection ended within them */
  end(): void {
    if (!this.#isEnded || this.#bytes.size > 0) throw new Error('the copy of the log ended within a row');
  }

  /** The next row; null when more of it is wanted, or it was the last. */
  #row(): CopyRow | null {
    const bytes = this.#bytes;
    this.#isEnded = bytes.peek(COUNT_BYTES).readInt16BE() === -1;
    if (this.#isEnded) {
      bytes.takeWhole(COUNT_BYTES);
      return null;
    }
    if (this.#lacks(AT_ARRAY)) return null;
    const atText = AT_ARRAY + lengthAt(bytes.peek(AT_ARRAY), AT_ARRAY) + LENGTH_BYTES;
    if (this.#lacks(atText)) return null;
    const end = atText + lengthAt(bytes.peek(atText), atText);
    if (this.#lacks(end)) return null;
    const head = bytes.takeWhole(atText - ROOM_BYTES);
    this.#wanted = COUNT_BYTES;
    return {
      from: Number(head.readBigInt64BE(COUNT_BYTES + LENGTH_BYTES)),
      lengths: readLengths(head.subarray(AT_ARRAY, atText - LENGTH_BYTES)),
      pieces: bytes.take(end - atText + ROOM_BYTES),
    };
  }

  #lacks(bytes: number): boolean {
    this.#wanted = bytes;
    return this.#bytes.size < bytes;
  }
}

/** The length of a column, which stands right before it; 0 for NULL. */
function lengthAt(bytes: Buffer, column: number): number {
  return Math.max(0, bytes.readInt32BE(column - LENGTH_BYTES));
}

function checkHeader(header: Buffer): void {
  if (!header.subarray(0, SIGNATURE.length).equals(SIGNATURE) || header.readInt32BE(HEADER_BYTES - 4) !== 0) {
    throw new Error('PostgreSQL answers COPY in an unknown format');
  }
}

function readLengths(array: Buffer): number[] {
  if (array.length === 0) return [];
  const lengths = Array.from({ length: array.readInt32BE(SIZE_IN_ARRAY_HEADER) }, () => 0);
  if (array.length !== ARRAY_HEADER_BYTES + lengths.length * ELEMENT_BYTES) {
    throw new Error('PostgreSQL answers with an array of another kind: a leaf is NULL');
  }
  for (const index of lengths.keys()) {
    lengths[index] = array.readInt32BE(ARRAY_HEADER_BYTES + index * ELEMENT_BYTES + LENGTH_BYTES);
  }
  return lengths;
}
