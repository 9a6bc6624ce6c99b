/** A row of `COPY (SELECT position, leaf …) TO STDOUT (FORMAT binary)`. */
export interface LeafRow {
  position: number;
  /** UTF-8, verbatim; a view of the chunk. */
  leaf: Buffer;
}

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
/** The signature, flags, and the length of an extension that nobody has ever defined. */
const HEADER_BYTES = SIGNATURE.length + 8;
/** Two columns: their number, the length of the first (8), the first, the length of the second. */
const BEFORE_LEAF = 2 + 4 + 8 + 4;
const EMPTY = Buffer.alloc(0);

/**
 * Reads rows out of PostgreSQL's binary COPY format, chunk by chunk. A tenth of the time that rows as JavaScript values
 * take: the bytes are hashed as they came.
 */
export class CopyRows {
  #rest: Buffer = EMPTY;
  #isStarted = false;
  #isEnded = false;

  /** The rows that are complete with this chunk. @throws Error when this is not the format */
  read(chunk: Buffer): LeafRow[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const rows: LeafRow[] = [];
    let offset = this.#isStarted ? 0 : this.#readHeader(bytes);
    while (this.#isStarted && !this.#isEnded && offset + 2 <= bytes.length) {
      if (bytes.readInt16BE(offset) === -1) {
        this.#isEnded = true;
        offset += 2;
        break;
      }
      if (offset + BEFORE_LEAF > bytes.length) break;
      const start = offset + BEFORE_LEAF;
      const end = start + bytes.readInt32BE(start - 4);
      if (end > bytes.length) break;
      rows.push({ position: Number(bytes.readBigInt64BE(offset + 6)), leaf: bytes.subarray(start, end) });
      offset = end;
    }
    this.#rest = offset === bytes.length ? EMPTY : bytes.subarray(offset);
    return rows;
  }

  /** @throws Error when rows are missing: the connection ended within them */
  end(): void {
    if (!this.#isEnded || this.#rest.length > 0) throw new Error('the copy of the log ended within a row');
  }

  #readHeader(bytes: Buffer): number {
    if (bytes.length < HEADER_BYTES) return 0;
    if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE) || bytes.readInt32BE(HEADER_BYTES - 4) !== 0) {
      throw new Error('PostgreSQL answers COPY in an unknown format');
    }
    this.#isStarted = true;
    return HEADER_BYTES;
  }
}
