const INITIAL_BYTES = 65_536;
/** Three tables in each of the batches that are folded, written and done: no more buffers than that are in use at once. */
const SPARE_MAX = 9;
/** A buffer that one extraordinary batch needed is not kept. */
const SPARE_BYTES_MAX = 8_388_608;
const NOTHING = Buffer.alloc(0);
/** Buffers of batches that are written: new ones for every batch grew the process faster than they were collected. */
const spare: Buffer[] = [];
/** UTF-8 takes at most three bytes for each UTF-16 unit. */
const BYTES_PER_UNIT = 3;

/**
 * The lines of one COPY, written into one buffer as they come: thousands of strings that live until the end of a batch
 * cost more in garbage collection than the fold itself.
 */
export class CopyLines {
  #bytes: Buffer = spare.pop() ?? Buffer.allocUnsafe(INITIAL_BYTES);
  #length = 0;
  #lines = 0;

  get count(): number {
    return this.#lines;
  }

  /** @param text one or several lines, each with its line break */
  add(text: string, lines = 1): void {
    const needed = this.#length + text.length * BYTES_PER_UNIT;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    this.#length += this.#bytes.write(text, this.#length);
    this.#lines += lines;
  }

  /** Gives the buffer to a later batch. Only when the database has taken the bytes; `count` stays. */
  release(): void {
    if (spare.length < SPARE_MAX && this.#bytes.length > 0 && this.#bytes.length <= SPARE_BYTES_MAX)
      spare.push(this.#bytes);
    this.#bytes = NOTHING;
    this.#length = 0;
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
}
