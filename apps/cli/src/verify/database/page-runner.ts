import { type Runner, threadedRunner } from '../threads.js';
import { type CheckedDatabase, type CheckedPage, PageCheck, type PageJob } from './check-page.js';
import type { DatabaseAccess } from './open-database.js';

/** Checks pages of rows, several at once. */
export type PageRunner = Runner<PageJob, CheckedPage>;

export function inProcessPages(database: CheckedDatabase): PageRunner {
  const pages = new PageCheck(database);
  return {
    threads: 1,
    run: async (job) => pages.check(job, await pages.read(job)),
    close: () => Promise.resolve(),
  };
}

/**
 * Every thread has connections of its own.
 *
 * @param program what a thread runs; as it lies beside this file when absent
 */
export function threadedPages(
  threads: number,
  access: DatabaseAccess,
  program = new URL('./page-worker.js', import.meta.url),
): PageRunner {
  return threadedRunner(threads, program, access);
}
