import type { CheckedBundle } from './check-bundle.js';
import { checkRange, type RangeJob } from './check-range.js';
import { type Runner, threadedRunner } from './threads.js';

/** Checks ranges, several at once. */
export type RangeRunner = Runner<RangeJob, CheckedBundle[]>;

export function inProcessRanges(): RangeRunner {
  return { threads: 1, run: checkRange, close: () => Promise.resolve() };
}

/** @param program what a thread runs; as it lies beside this file when absent */
export function threadedRanges(threads: number, program = new URL('./range-worker.js', import.meta.url)): RangeRunner {
  return threadedRunner(threads, program);
}
