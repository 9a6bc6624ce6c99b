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
 * The rows of one COPY, written into one buffer as they come: thousands of strings that live until the end of a batch
 * cost more in garbage collection than the fold itself.
 */
export class CopyBuffer {
  /** What is behind `length` has no meaning. */
  bytes: Buffer = NOTHING;
  length = 0;

  /** Makes room for so many bytes more; `bytes` may be another buffer afterwards. */
  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    if (this.bytes.length === 0) this.bytes = spare.pop() ?? Buffer.allocUnsafe(INITIAL_BYTES);
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  text(text: string): void {
    this.reserve(text.length * BYTES_PER_UNIT);
    this.length += this.bytes.write(text, this.length);
  }

  /** The same bytes once more, behind all others. */
  repeat(start: number, end: number): void {
    this.reserve(end - start);
    this.bytes.copyWithin(this.length, start, end);
    this.length += end - start;
  }

  /** @param holes in the order of their starts, none within another */
  remove(holes: readonly { start: number; end: number }[]): void {
    let kept = holes[0]?.start ?? this.length;
    for (const [index, { end }] of holes.entries()) {
      const next = holes[index + 1]?.start ?? this.length;
      this.bytes.copyWithin(kept, end, next);
      kept += next - end;
    }
    this.length = kept;
  }

  /** Gives the buffer to a later batch. Only when the database has taken the bytes. */
  release(): void {
    if (spare.length < SPARE_MAX && this.bytes.length > 0 && this.bytes.length <= SPARE_BYTES_MAX)
      spare.push(this.bytes);
    this.bytes = NOTHING;
    this.length = 0;
  }
}
