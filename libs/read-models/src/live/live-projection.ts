import { withTransaction } from '#app/runtime';
import type { Pool, PoolClient } from 'pg';
import { targetOf } from '../generations/generation-target.js';
import { liveGeneration, lockLiveGeneration, moveCheckpoint } from '../generations/generation-store.js';
import type { BatchRows } from '../project/batch-rows.js';
import { type EventPage, PageSize, readPage } from '../project/event-pages.js';
import { eventsInDatabase } from '../project/event-source.js';
import { foldEvents, type ProjectionTarget } from '../project/project-batch.js';
import type { ProjectionEvent } from '../project/projection-event.js';
import { tablesOfGeneration } from '../project/tables.js';
import { writeBatch } from '../project/write-batch.js';

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

/** Between two of these a process can die; a fault test is told of each. */
export type ProjectionStep = 'after-fold' | 'after-rows' | 'after-checkpoint' | 'after-commit';

/** A crash of the server may take the newest figures back together with their checkpoint: they are projected again. */
const BEGIN = 'BEGIN; SET LOCAL synchronous_commit = off';

/** A page that is folded, for the generation that was live then. */
interface FoldedPage {
  page: EventPage;
  generation: number;
  balanced: boolean;
  rows: BatchRows;
}

/**
 * Projects the log into whichever generation is live, a page at a time. Any number may run at once: the checkpoint is
 * locked and moved by compare-and-set in the transaction that writes, so each event is applied once.
 *
 * While the database writes one page, the next is read and folded. A fold knows only memory and what was committed
 * before the page that is being written; whatever makes that untrue (a failure, a lost race, a switch) drops it unwritten.
 */
export class LiveProjection {
  readonly #size = new PageSize();
  #position: number | null = null;
  #target: { generation: number; balanced: boolean; projection: ProjectionTarget } | null = null;
  #isWriting = false;
  /** The page after the one being written, while there is a backlog. */
  #next: Promise<FoldedPage | null> | null = null;

  /** @param pool role ledger_projector; uses up to two connections at once */
  constructor(
    readonly pool: Pool,
    private readonly reached: (step: ProjectionStep) => void = () => undefined,
  ) {}

  /**
   * Reads the events after the checkpoint and applies them.
   * @throws UnfoldableEventError, LogGapError (both permanent); what the database throws
   */
  async step(): Promise<StepOutcome> {
    try {
      const after = this.#position ?? (await this.#begin());
      // A page that was empty when it was read ahead may not be empty any more.
      const folded = (await this.#next) ?? (await this.#fold(after));
      this.#next = null;
      if (folded === null) return { kind: 'IDLE', position: after };
      this.reached('after-fold');
      if (folded.page.events.length > 1 && !folded.page.alone) this.#foldAhead(folded.page.last);
      return await this.#apply(folded);
    } catch (error) {
      this.#forget();
      throw error;
    }
  }

  /** Starts from what the database says: the checkpoint of the generation that is live now. */
  async #begin(): Promise<number> {
    const live = await liveGeneration(this.pool);
    const { generation, balanced, position } = live;
    this.#target = { generation, balanced, projection: await targetOf(this.pool, live) };
    this.#position = position;
    return position;
  }

  async #fold(after: number): Promise<FoldedPage | null> {
    const target = this.#target;
    const page = await readPage(eventsInDatabase(this.pool), { after }, this.#size);
    // Meanwhile the race may have been lost: what a fold moves on must then be nobody's memory.
    if (page === null || target === null || target !== this.#target) return null;
    // Ahead of a page that is not written yet it is not folded: the step whose turn it is will ask again.
    if (page.alone && this.#isWriting) return null;
    const rows = await foldEvents(this.pool, target.projection, page.events);
    return { page, generation: target.generation, balanced: target.balanced, rows };
  }

  async #apply(folded: FoldedPage): Promise<StepOutcome> {
    this.#isWriting = true;
    const outcome = await withTransaction(this.pool, (tx) => write(tx, folded, this.reached), BEGIN).finally(() => {
      this.#isWriting = false;
    });
    if (outcome.kind === 'LOST') this.#forget();
    else this.#position = folded.page.last;
    this.reached('after-commit');
    return outcome;
  }

  #foldAhead(after: number): void {
    this.#next = this.#fold(after);
    // The step that uses it gets the failure; one that never does must not end the process.
    this.#next.catch(() => undefined);
  }

  /** Memory no longer mirrors the tables: the next step starts from what they say. */
  #forget(): void {
    this.#position = null;
    this.#target = null;
    this.#next = null;
  }
}

async function write(
  tx: PoolClient,
  { page, generation, balanced, rows }: FoldedPage,
  reached: (step: ProjectionStep) => void,
): Promise<StepOutcome> {
  const live = await lockLiveGeneration(tx);
  const isSame = live?.generation === generation && live.balanced === balanced;
  if (!isSame || live.position !== page.after) return { kind: 'LOST' };
  await writeBatch(tx, tablesOfGeneration(generation), rows);
  reached('after-rows');
  if (!(await moveCheckpoint(tx, generation, { from: page.after, to: page.last, policy: rows.policy }))) {
    throw new Error(`the checkpoint of generation ${generation} moved while it was locked`);
  }
  reached('after-checkpoint');
  return {
    kind: 'PROJECTED',
    generation,
    position: page.last,
    events: page.events.length,
    postings: rows.postings.count,
    recordedAt: (page.events.at(-1) as ProjectionEvent).recordedAt,
    traces: rows.traces,
  };
}
