/** Where long work stands, for a progress bar. */
export interface Progress {
  phase: 'LOAD' | 'INDEX' | 'COMPARE' | 'SWITCH';
  /** Events. */
  done: number;
  total: number;
  /** Events per second of this run. */
  rate: number;
}
export type OnProgress = (progress: Progress) => void;

/** Counts events against the clock. */
export class ProgressMeter {
  readonly #startedAt = performance.now();
  #done: number;

  constructor(
    readonly first: number,
    readonly total: number,
    readonly onProgress: OnProgress = () => undefined,
  ) {
    this.#done = first;
  }

  get done(): number {
    return this.#done;
  }

  get seconds(): number {
    return (performance.now() - this.#startedAt) / 1000;
  }

  reached(done: number): void {
    this.#done = done;
    this.enter('LOAD');
  }

  enter(phase: Progress['phase']): void {
    const rate = (this.#done - this.first) / Math.max(this.seconds, 0.001);
    this.onProgress({ phase, done: this.#done, total: Math.max(this.total, this.#done), rate });
  }
}
