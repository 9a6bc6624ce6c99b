import { withTransaction } from '#app/runtime';
import type { ClientBase, Pool } from 'pg';
import { type EventPage, eventPages } from '../project/event-pages.js';
import { type ProjectionTarget, projectBatch } from '../project/project-batch.js';
import type { ProgressMeter } from './progress.js';

/** A crash of the server may lose the last batches of a load with their checkpoint: they are then loaded again. */
const NO_WAIT_FOR_DISK = 'SET LOCAL synchronous_commit = off';

export interface LoadOptions {
  after: number;
  upTo?: number;
  signal?: AbortSignal | undefined;
  meter: ProgressMeter;
  /** Moves the checkpoint of the target in the transaction of the page; throws when somebody else has. */
  advance: (tx: ClientBase, page: EventPage) => Promise<void>;
}

/** Projects pages of the log, one transaction each, to the end of the range. Returns the last position. */
export async function loadEvents(pool: Pool, target: ProjectionTarget, options: LoadOptions): Promise<number> {
  const { after, upTo, signal, meter } = options;
  let last = after;
  for await (const page of eventPages(pool, { after, signal, ...(upTo === undefined ? {} : { upTo }) })) {
    await loadPage(pool, target, { page, advance: options.advance });
    last = page.last;
    meter.reached(last + 1);
  }
  return last;
}

async function loadPage(
  pool: Pool,
  target: ProjectionTarget,
  { page, advance }: { page: EventPage; advance: LoadOptions['advance'] },
): Promise<void> {
  try {
    await withTransaction(pool, async (tx) => {
      await tx.query(NO_WAIT_FOR_DISK);
      await projectBatch(tx, target, page.events);
      await advance(tx, page);
    });
  } catch (error) {
    target.forget();
    throw error;
  }
}
