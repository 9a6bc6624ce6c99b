const INITIAL_BYTES = 65_536;
/** UTF-8 takes at most three bytes for each UTF-16 unit. */
const BYTES_PER_UNIT = 3;

/**
 * The lines of one COPY, written into one buffer as they come: thousands of strings that live until the end of a batch
 * cost more in garbage collection than the fold itself.
 */
export class CopyLines {
  #bytes = Buffer.allocUnsafe(INITIAL_BYTES);
  #length = 0;
  #lines = 0;

  get count(): number {
    return this.#lines;
  }

  /** @param line with its line break */
  add(line: string): void {
    const needed = this.#length + line.length * BYTES_PER_UNIT;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    this.#length += this.#bytes.write(line, this.#length);
    this.#lines += 1;
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
}
