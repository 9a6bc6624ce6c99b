import { parentPort } from 'node:worker_threads';
import { checkRange, type RangeJob } from './check-range.js';

/** One thread of a check: ranges in, their checked bundles out, in the same order. What it throws ends the thread. */
let turn = Promise.resolve();
parentPort?.on('message', (job: RangeJob) => {
  turn = turn.then(async () => parentPort?.postMessage(await checkRange(job), []));
});
