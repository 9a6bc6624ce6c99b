import { Worker } from 'node:worker_threads';
import type { CheckedBundle } from './check-bundle.js';
import { checkRange, type RangeJob } from './check-range.js';

/** Checks ranges, several at once. */
export interface RangeRunner {
  /** How many it works on at once. */
  readonly threads: number;
  run(job: RangeJob): Promise<CheckedBundle[]>;
  close(): Promise<void>;
}

export function inProcessRunner(): RangeRunner {
  return { threads: 1, run: checkRange, close: () => Promise.resolve() };
}

/** @param program what a thread runs; as it lies beside this file when absent */
export function threadedRunner(threads: number, program = new URL('./range-worker.js', import.meta.url)): RangeRunner {
  const workers = Array.from({ length: threads }, () => new RangeThread(program));
  return {
    threads,
    run: (job) => workers.reduce((least, one) => (one.waiting < least.waiting ? one : least)).run(job),
    close: async () => void (await Promise.all(workers.map((worker) => worker.close()))),
  };
}

/** Of a thread's heap. It keeps nothing from one bundle to the next, and left alone it would not hurry to forget. */
const LIMITS = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 96 };

interface Waiting {
  resolve: (checked: CheckedBundle[]) => void;
  reject: (error: Error) => void;
}

/** A thread answers in the order in which it was asked. */
class RangeThread {
  readonly #worker: Worker;
  readonly #queue: Waiting[] = [];
  #failure: Error | null = null;

  constructor(program: URL) {
    this.#worker = new Worker(program, { resourceLimits: LIMITS });
    this.#worker.on('message', (checked: CheckedBundle[]) => this.#queue.shift()?.resolve(checked));
    this.#worker.on('error', (error: Error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('a thread of the check has ended')));
  }

  get waiting(): number {
    return this.#queue.length;
  }

  run(job: RangeJob): Promise<CheckedBundle[]> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#queue.push({ resolve, reject });
      this.#worker.postMessage(job, []);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#queue.splice(0)) reject(error);
  }
}
