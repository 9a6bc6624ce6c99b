import { HASH_BYTES } from '#app/transparency';
import { inOrder } from '../threads.js';
import type { CheckedPage, PageJob } from './check-page.js';
import type { Erasures } from './erasures.js';
import { PAGE } from './event-rows.js';
import type { PageRunner } from './page-runner.js';

interface RowPagesOptions {
  /** Leaves that are published. */
  size: number;
  erasures: Erasures;
  limit: number;
  /** Hears of every page before its rows are handed on. */
  onPage: (page: CheckedPage) => Promise<void>;
}

/** Rows in their order, page by page, checked on the way for what is beside their leaves. */
export class RowPages {
  seen = 0;
  /** Rows of event_stream that there must be for what was seen. */
  touched = 0;
  /** Position of the last row; -1 without any. */
  last = -1;
  isEnded = false;
  readonly #pages: AsyncGenerator<CheckedPage, void, undefined>;

  constructor(
    private readonly runner: PageRunner,
    private readonly options: RowPagesOptions,
  ) {
    this.#pages = this.#all();
  }

  /** Null behind the last row. */
  async next(): Promise<RowPage | null> {
    const { value: page } = await this.#pages.next();
    this.isEnded = page === undefined;
    if (page === undefined) return null;
    const from = this.last + 1;
    this.seen += page.rows;
    this.touched += page.touched;
    if (page.rows > 0) this.last = page.positions?.at(-1) ?? page.from + page.rows - 1;
    await this.options.onPage(page);
    return new RowPage(from, page);
  }

  /** Reads on to the end: what stands beside leaves that are not published yet counts as well. */
  async finish(): Promise<void> {
    while ((await this.next()) !== null);
  }

  /** Those of the published positions beside each other, several at once; those behind them one after the other. */
  async *#all(): AsyncGenerator<CheckedPage, void, undefined> {
    yield* inOrder(this.runner, this.#published());
    for (let from = this.options.size; ; from = this.last + 1) {
      const page = await this.runner.run(this.#job(from, null));
      if (page.rows > 0) yield page;
      if (page.rows < PAGE) return;
    }
  }

  *#published(): Generator<Promise<PageJob>, void, undefined> {
    const { size } = this.options;
    for (let from = 0; from < size; from += PAGE) yield Promise.resolve(this.#job(from, Math.min(size, from + PAGE)));
  }

  #job(from: number, to: number | null): PageJob {
    return { from, to, erased: this.options.erasures.between(from, to), limit: this.options.limit };
  }
}

/** Runs of positions without a row are handed on in pieces: an owner can make them as long as they like. */
const HOLE = 1000;

/** The hashes of rows from a position on. */
export class RowPage {
  /** Of the rows, where every position has one; else null. */
  readonly dense: Uint8Array | null;

  constructor(
    private readonly from: number,
    private readonly page: CheckedPage,
  ) {
    const isDense = page.positions === null && page.from === from;
    this.dense = isDense ? page.hashes : null;
  }

  /** As texts that can be compared, null where there is no row. */
  *texts(): Generator<(string | null)[], void, undefined> {
    const hashes = textsOf(this.page.hashes);
    const { positions } = this.page;
    let expected = this.from;
    let piece: (string | null)[] = [];
    for (const [index, hash] of hashes.entries()) {
      const position = positions?.[index] ?? this.page.from + index;
      for (; expected < position; expected += 1) {
        piece.push(null);
        if (piece.length < HOLE) continue;
        yield piece;
        piece = [];
      }
      piece.push(hash);
      expected += 1;
    }
    yield piece;
  }
}

/** Hashes that are one behind the other, each as a text of its bytes. */
export function textsOf(hashes: Uint8Array): string[] {
  const bytes = Buffer.from(hashes.buffer, hashes.byteOffset, hashes.length);
  return Array.from({ length: bytes.length / HASH_BYTES }, (_, index) =>
    bytes.toString('latin1', index * HASH_BYTES, (index + 1) * HASH_BYTES),
  );
}
