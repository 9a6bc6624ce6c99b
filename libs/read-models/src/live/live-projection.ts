import { withTransaction } from '#app/runtime';
import type { Pool, PoolClient } from 'pg';
import { liveGeneration, lockLiveGeneration, moveCheckpoint } from '../generations/generation-store.js';
import type { BatchRows } from '../project/batch-rows.js';
import { type EventPage, PageSize, readPage } from '../project/event-pages.js';
import { ProjectionTarget, projectBatch } from '../project/project-batch.js';
import type { ProjectionEvent } from '../project/projection-event.js';
import { tablesOfGeneration } from '../project/tables.js';

/** What one step came to. LOST: somebody else had moved the checkpoint, or a rebuild has switched; ask again at once. */
export type StepOutcome =
  | { kind: 'IDLE'; position: number }
  | { kind: 'LOST' }
  | {
      kind: 'PROJECTED';
      generation: number;
      /** The new checkpoint. */
      position: number;
      events: number;
      postings: number;
      /** When the last of them was recorded. */
      recordedAt: Date;
      traces: BatchRows['traces'];
    };

/**
 * Projects the log into whichever generation is live, a page at a time. Any number may run at once: the checkpoint is
 * locked and moved by compare-and-set in the transaction that writes, so each event is applied once.
 */
export class LiveProjection {
  readonly #size = new PageSize();
  #position: number | null = null;
  #target: { generation: number; projection: ProjectionTarget } | null = null;
  /** The page after the one being written, read meanwhile while there is a backlog. */
  #next: Promise<EventPage | null> | null = null;

  /** @param pool role ledger_projector; uses up to two connections at once */
  constructor(readonly pool: Pool) {}

  /**
   * Reads the events after the checkpoint and applies them.
   * @throws UnfoldableEventError, LogGapError (both permanent); what the database throws
   */
  async step(): Promise<StepOutcome> {
    try {
      const after = this.#position ?? (await liveGeneration(this.pool)).position;
      // A page that was empty when it was read ahead may not be empty any more.
      const page = (await this.#next) ?? (await readPage(this.pool, { after }, this.#size));
      this.#next = null;
      this.#position = after;
      if (page === null) return { kind: 'IDLE', position: after };
      if (page.events.length > 1) this.#readAhead(page.last);
      return await this.#apply(page);
    } catch (error) {
      this.#forget();
      throw error;
    }
  }

  async #apply(page: EventPage): Promise<StepOutcome> {
    const outcome = await withTransaction(this.pool, (tx) => this.#write(tx, page));
    if (outcome.kind === 'LOST') this.#forget();
    else this.#position = page.last;
    return outcome;
  }

  async #write(tx: PoolClient, page: EventPage): Promise<StepOutcome> {
    // A crash of the server may take the newest figures back together with their checkpoint: they are projected again.
    await tx.query('SET LOCAL synchronous_commit = off');
    const live = await lockLiveGeneration(tx);
    if (live === null || live.position !== page.after) return { kind: 'LOST' };
    const rows = await projectBatch(tx, this.#targetOf(live.generation, live.balanced), page.events);
    if (!(await moveCheckpoint(tx, live.generation, { from: page.after, to: page.last }))) {
      throw new Error(`the checkpoint of generation ${live.generation} moved while it was locked`);
    }
    return {
      kind: 'PROJECTED',
      generation: live.generation,
      position: page.last,
      events: page.events.length,
      postings: rows.postings.count,
      recordedAt: (page.events.at(-1) as ProjectionEvent).recordedAt,
      traces: rows.traces,
    };
  }

  #readAhead(after: number): void {
    this.#next = readPage(this.pool, { after }, this.#size);
    // The step that uses it gets the failure; one that never does must not end the process.
    this.#next.catch(() => undefined);
  }

  #targetOf(generation: number, balanced: boolean): ProjectionTarget {
    if (this.#target?.generation !== generation) {
      this.#target = { generation, projection: new ProjectionTarget(tablesOfGeneration(generation), balanced) };
    }
    return this.#target.projection;
  }

  /** Memory no longer mirrors the tables: the next step starts from what they say. */
  #forget(): void {
    this.#position = null;
    this.#target = null;
    this.#next = null;
  }
}
