/** Pauses that grow while there is nothing to do, or while it does not work, and start again small when it does. */
export class BackOff {
  #nextMs: number;

  constructor(
    readonly firstMs: number,
    readonly longestMs: number,
    readonly factor: number,
  ) {
    this.#nextMs = firstMs;
  }

  next(): number {
    const pauseMs = this.#nextMs;
    this.#nextMs = Math.min(this.longestMs, pauseMs * this.factor);
    return pauseMs;
  }

  reset(): void {
    this.#nextMs = this.firstMs;
  }
}
