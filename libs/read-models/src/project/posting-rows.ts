import type { Posting } from '#app/domain';
import type { CodedCell } from './codes.js';
import { CopyBuffer } from './copy-buffer.js';

/** Columns of `posting`, in the order in which this file writes them. */
export const POSTING_COLUMNS = `position, incident_id, month, start_date, region, area, publisher, class, figure,
  d_incidents, d_open, d_unknown, d_valued, d_best_valued,
  d_lo, d_hi, d_conservative, d_median, d_max, d_latest, d_best`;
const COLUMNS = 21;

/** Signature, no flags, nothing more in the header. */
const HEADER = Buffer.concat([Buffer.from('PGCOPY\n\xFF\r\n\0', 'latin1'), Buffer.alloc(8)]);
const TRAILER = Buffer.from([0xff, 0xff]);
/** Of the columns up to `class`, which the postings of one event and place share, with the number of columns. */
const SHARED_BYTES = 2 + (4 + 8) + (4 + 16) + 6 * (4 + 4);
/** When every amount has changed. */
const ROW_BYTES_MAX = SHARED_BYTES + 6 * (4 + 4) + 7 * (4 + 8);

/**
 * Postings in the binary format of COPY: numbers, dates and an id, which the server need not read from text. Most of a row
 * is that of the row before.
 */
export class PostingRows {
  readonly format = 'binary';
  readonly #buffer = new CopyBuffer();
  count = 0;
  #last: { posting: Posting; cell: CodedCell; start: number } | null = null;

  add(posting: Posting, cell: CodedCell, figure: number): void {
    const buffer = this.#buffer;
    if (buffer.length === 0) this.#begin();
    buffer.reserve(ROW_BYTES_MAX);
    const start = buffer.length;
    const last = this.#last;
    if (last !== null && last.cell === cell && isBeside(last.posting, posting)) {
      buffer.bytes.copyWithin(start, last.start, last.start + SHARED_BYTES);
    } else putShared(buffer.bytes, start, posting, cell);
    let at = putInteger(buffer.bytes, start + SHARED_BYTES, figure);
    at = putCount(buffer.bytes, at, posting.dIncidents);
    at = putCount(buffer.bytes, at, posting.dOpen);
    at = putCount(buffer.bytes, at, posting.dUnknown);
    at = putCount(buffer.bytes, at, posting.dValued);
    at = putCount(buffer.bytes, at, posting.dBestValued);
    at = putAmount(buffer.bytes, at, posting.dLo);
    at = putAmount(buffer.bytes, at, posting.dHi);
    at = putAmount(buffer.bytes, at, posting.dConservative);
    at = putAmount(buffer.bytes, at, posting.dMedian);
    at = putAmount(buffer.bytes, at, posting.dMax);
    at = putAmount(buffer.bytes, at, posting.dLatest);
    buffer.length = putAmount(buffer.bytes, at, posting.dBest);
    this.#last = { posting, cell, start };
    this.count += 1;
  }

  /** Whole: nothing may be added afterwards. */
  get bytes(): Buffer {
    this.#buffer.reserve(TRAILER.length);
    TRAILER.copy(this.#buffer.bytes, this.#buffer.length);
    return this.#buffer.bytes.subarray(0, this.#buffer.length + TRAILER.length);
  }

  /** When the database has taken the bytes; `count` stays. */
  release(): void {
    this.#buffer.release();
  }

  #begin(): void {
    this.#buffer.reserve(HEADER.length);
    this.#buffer.length += HEADER.copy(this.#buffer.bytes);
  }
}

function isBeside(a: Posting, b: Posting): boolean {
  return a.position === b.position && a.incidentId === b.incidentId && a.startDate === b.startDate;
}

function putShared(
  bytes: Buffer,
  start: number,
  { position, incidentId, month, startDate }: Posting,
  cell: CodedCell,
): void {
  bytes[start] = 0;
  bytes[start + 1] = COLUMNS;
  let at = putLong(bytes, start + 2, position);
  at = putUuid(bytes, at, incidentId);
  at = putInteger(bytes, at, daysOf(month));
  at = putInteger(bytes, at, daysOf(startDate));
  at = putInteger(bytes, at, cell.region);
  at = putInteger(bytes, at, cell.area);
  at = putInteger(bytes, at, cell.publisher);
  putInteger(bytes, at, cell.class);
}

/** An integer that is NULL where nothing changes. */
function putCount(bytes: Buffer, at: number, delta: number): number {
  return delta === 0 ? put32(bytes, at, -1) : putInteger(bytes, at, delta);
}

/** The same of a bigint. */
function putAmount(bytes: Buffer, at: number, delta: number): number {
  return delta === 0 ? put32(bytes, at, -1) : putLong(bytes, at, delta);
}

function putInteger(bytes: Buffer, at: number, value: number): number {
  return put32(bytes, put32(bytes, at, 4), value);
}

function putLong(bytes: Buffer, at: number, value: number): number {
  return put32(bytes, put32(bytes, put32(bytes, at, 8), Math.floor(value / 4_294_967_296)), value);
}

/** Its lowest 32 bits. */
function put32(bytes: Buffer, at: number, value: number): number {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
  return at + 4;
}

const UUID_BYTES = 16;
const MINUS = 45;

function putUuid(bytes: Buffer, start: number, uuid: string): number {
  let at = put32(bytes, start, UUID_BYTES);
  for (let i = 0; i < uuid.length; i += 2) {
    if (uuid.charCodeAt(i) === MINUS) i += 1;
    bytes[at] = (digitOf(uuid, i) << 4) | digitOf(uuid, i + 1);
    at += 1;
  }
  if (at !== start + 4 + UUID_BYTES) throw new Error(`not an id: ${uuid}`);
  return at;
}

/** A hexadecimal digit in lower case. */
function digitOf(text: string, index: number): number {
  const code = text.charCodeAt(index);
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 97 && code <= 102) return code - 87;
  throw new Error(`not an id: ${text}`);
}

const FIRST_DAY = Date.UTC(2000, 0, 1);
const DAY_MS = 86_400_000;

/** Days since 2000-01-01 of a civil date YYYY-MM-DD. */
function daysOf(date: string): number {
  const days = (Date.parse(date) - FIRST_DAY) / DAY_MS;
  if (!Number.isInteger(days)) throw new Error(`not a date: ${date}`);
  return days;
}
