/** A window on a sequence of leaf hashes: read at one end, forgotten at the other, and a hash is found at once. */
export class HashQueue {
  /** Null where there is nothing at the place. */
  #hashes: (string | null)[] = [];
  #head = 0;
  /** Where each hash of the window is in the whole sequence; of equal ones the first. */
  readonly #places = new Map<string, number>();
  /** Index in the whole sequence of the first one in the window. */
  start = 0;
  isEnded = false;

  get length(): number {
    return this.#hashes.length - this.#head;
  }

  get front(): string | null {
    return this.at(0);
  }

  /** @param offset from the front */
  at(offset: number): string | null {
    return this.#hashes[this.#head + offset] ?? null;
  }

  push(hashes: readonly (string | null)[]): void {
    for (const hash of hashes) {
      if (hash !== null && !this.#places.has(hash)) this.#places.set(hash, this.start + this.length);
      this.#hashes.push(hash);
    }
  }

  shift(): void {
    const hash = this.front;
    if (hash !== null && this.#places.get(hash) === this.start) this.#places.delete(hash);
    this.#head++;
    this.start++;
    if (this.#head * 2 < this.#hashes.length) return;
    this.#hashes = this.#hashes.slice(this.#head);
    this.#head = 0;
  }

  /** Goes on behind so many that never were in the window, which is empty. */
  skip(count: number): void {
    this.start += count;
  }

  /** How far behind the front a hash is; null when it is not in the window. */
  distanceOf(hash: string): number | null {
    const place = this.#places.get(hash);
    return place === undefined ? null : place - this.start;
  }
}
