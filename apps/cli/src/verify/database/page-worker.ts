import { parentPort, workerData } from 'node:worker_threads';
import { PageCheck, type PageJob } from './check-page.js';
import { openDatabase, type DatabaseAccess } from './open-database.js';

/** One thread of a check: pages in, what was found out, in the same order. What it throws ends the thread. */
const { environment, options } = workerData as DatabaseAccess;
const opened = openDatabase(environment, options).then((database) => new PageCheck(database));
let turn = Promise.resolve();
parentPort?.on('message', (job: PageJob) => {
  const reading = opened.then((pages) => pages.read(job));
  // Told when its turn comes.
  reading.catch(() => undefined);
  turn = turn.then(async () => parentPort?.postMessage(await (await opened).check(job, await reading), []));
});
