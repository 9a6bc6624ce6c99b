import { CopyBuffer } from './copy-buffer.js';

/** A row with a beginning and, once something replaced it, an end; where its line is, and in it what tells the end. */
interface LastingRow {
  /** The columns that name the thing, which may have many rows after one another. */
  name: string;
  /** What tells rows of one thing and one position apart; '' where there is at most one. */
  part: string;
  start: number;
  to: number;
  toEnd: number;
  end: number;
}

export interface Closing {
  name: string;
  part: string;
  from: number;
  to: number;
}

const STANDING = '\\N';

/**
 * Rows that last for a range of positions, gathered for one batch as lines of COPY (name, from_position, to_position, …). A
 * row that is opened and closed within the batch is written once, closed; only rows of earlier batches cost an UPDATE.
 */
export class LastingRows {
  readonly format = 'text';
  readonly #buffer = new CopyBuffer();
  readonly #opened = new Map<number, LastingRow[]>();
  /** Lines that were written again with their end. */
  readonly #replaced: { start: number; end: number }[] = [];
  readonly closings: Closing[] = [];

  /** How many lines there are. */
  count = 0;

  /** @param columns those after to_position, in pieces that are joined here */
  open(name: string, from: number, columns: readonly string[], part = ''): void {
    const start = this.#buffer.length;
    this.#buffer.text(`${name}\t${from}\t`);
    const to = this.#buffer.length;
    this.#buffer.text(`${STANDING}\t`);
    for (const piece of columns) this.#buffer.text(piece);
    this.#buffer.text('\n');
    const row = { name, part, start, to, toEnd: to + STANDING.length, end: this.#buffer.length };
    const beside = this.#opened.get(from);
    if (beside === undefined) this.#opened.set(from, [row]);
    else beside.push(row);
    this.count += 1;
  }

  close(name: string, from: number, to: number, part = ''): void {
    const opened = this.#opened.get(from)?.find((row) => row.name === name && row.part === part);
    if (opened === undefined) this.closings.push({ name, part, from, to });
    else this.#end(opened, to);
  }

  get bytes(): Buffer {
    const holes = this.#replaced.splice(0).toSorted((a, b) => a.start - b.start);
    this.#buffer.remove(holes);
    return this.#buffer.bytes.subarray(0, this.#buffer.length);
  }

  /** When the database has taken the bytes; `count` stays. */
  release(): void {
    this.#buffer.release();
  }

  #end(row: LastingRow, position: number): void {
    const { start, to, toEnd, end } = row;
    this.#replaced.push({ start, end });
    row.start = this.#buffer.length;
    this.#buffer.repeat(start, to);
    row.to = this.#buffer.length;
    this.#buffer.text(String(position));
    row.toEnd = this.#buffer.length;
    this.#buffer.repeat(toEnd, end);
    row.end = this.#buffer.length;
  }
}
