import { withTransaction } from '#app/runtime';
import type { ClientBase, Pool } from 'pg';
import { type EventPage, eventPages } from '../project/event-pages.js';
import { type EventSource, eventsInDatabase } from '../project/event-source.js';
import type { BatchRows } from '../project/batch-rows.js';
import { foldEvents, type ProjectionTarget } from '../project/project-batch.js';
import { writeBatch } from '../project/write-batch.js';
import type { ProgressMeter } from './progress.js';

/** A crash of the server may lose the last batches of a load with their checkpoint: they are then loaded again. */
const NO_WAIT_FOR_DISK = 'SET LOCAL synchronous_commit = off';

export interface LoadOptions {
  /** Absent: the log of this database. */
  source?: EventSource | undefined;
  after: number;
  upTo?: number;
  signal?: AbortSignal | undefined;
  meter: ProgressMeter;
  /** Moves the checkpoint of the target in the transaction of the page; throws when somebody else has. */
  advance: (tx: ClientBase, page: EventPage, policy: number) => Promise<void>;
}

/**
 * Projects pages of the log, one transaction each, to the end of the range. While the database writes one page, the next
 * is folded and the one after is read: uses three connections. Returns the last position.
 */
export async function loadEvents(pool: Pool, target: ProjectionTarget, options: LoadOptions): Promise<number> {
  const { after, upTo, signal, meter, advance, source = eventsInDatabase(pool) } = options;
  let written = Promise.resolve(after);
  try {
    for await (const page of eventPages(source, { after, signal, ...(upTo === undefined ? {} : { upTo }) })) {
      if (page.alone) await written;
      const rows = await foldEvents(pool, target, page.events);
      await written;
      written = writePage(pool, target, { page, rows, advance }).then((last) => {
        meter.reached(last + 1);
        return last;
      });
      // It is awaited after the next page is folded; until then a failure is nobody's.
      written.catch(() => undefined);
      if (page.alone) await written;
    }
    return await written;
  } catch (error) {
    await written.catch(() => undefined);
    target.forget();
    throw error;
  }
}

interface FoldedPage {
  page: EventPage;
  rows: BatchRows;
  advance: LoadOptions['advance'];
}

async function writePage(pool: Pool, target: ProjectionTarget, { page, rows, advance }: FoldedPage): Promise<number> {
  await withTransaction(pool, async (tx) => {
    await tx.query(NO_WAIT_FOR_DISK);
    await writeBatch(tx, target.tables, rows);
    await advance(tx, page, rows.policy);
  });
  return page.last;
}
