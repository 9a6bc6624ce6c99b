/** Bytes as they come, to be taken in other portions. */
export class ByteQueue {
  #chunks: Buffer[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
  }

  /** At least the next `length` bytes in one piece, which stay where they are. There must be so many. */
  peek(length: number): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= length) return first;
    const pieces = this.take(length);
    const whole = Buffer.concat(pieces, length);
    this.#chunks.unshift(whole);
    this.#size += length;
    return whole;
  }

  /** The next `length` bytes in one piece, copied only where they came in several. There must be so many. */
  takeWhole(length: number): Buffer {
    this.peek(length);
    return this.take(length)[0] as Buffer;
  }

  /** The next `length` bytes, uncopied. There must be so many. */
  take(length: number): Buffer[] {
    let count = 0;
    let end = 0;
    while (end < length) end += (this.#chunks[count++] as Buffer).length;
    const taken = this.#chunks.splice(0, count);
    this.#size -= length;
    const last = taken.at(-1);
    if (last !== undefined && end > length) {
      const cut = last.length - (end - length);
      taken[count - 1] = last.subarray(0, cut);
      this.#chunks.unshift(last.subarray(cut));
    }
    return taken;
  }
}
