import { setTimeout as sleep } from 'node:timers/promises';
import { loadBoundarySet } from '#app/gazetteer';
import { BOUNDARY_SET, type BoundarySet } from '#app/geography';
import { ConcurrencyError, loadCursors } from '#app/log';
import { withTransaction } from '#app/runtime';
import type { Pool, PoolClient } from 'pg';
import type { Logger } from 'pino';
import type { IngestContext } from '../ingest-context.js';
import { type ActiveSet, activations, loadActive } from './active-boundary-sets.js';
import { type EarlierPlacing, placeNext } from './place-earlier.js';
import { CREATION_MAX, placingCursor } from './placing-cursor.js';

const IDLE_MS = 500;
const RETRY_MS = 3000;

/**
 * Places what was recorded before a boundary set was activated, part by part, in the background. How far it has come is kept
 * per activation (placing-cursor.ts): a process that is killed goes on from there, and of two processes one places each part.
 */
export class BoundaryPlacer {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();
  /** Activations before this index are done with. */
  private done = 0;
  private loaded: { activation: number; sets: Sets } | null = null;

  constructor(
    private readonly pool: Pool,
    private readonly context: IngestContext,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      let wait = IDLE_MS;
      try {
        if (await this.placeSome()) wait = 0;
      } catch (error) {
        // An incident was touched meanwhile: the part is read again at once.
        wait = error instanceof ConcurrencyError ? 0 : RETRY_MS;
        if (wait > 0)
          this.logger.warn({ reason: error instanceof Error ? error.message : String(error) }, 'placing waits');
      }
      await sleep(wait, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Places the next part of the first activation that is not done. @returns whether there was anything to do */
  async placeSome(): Promise<boolean> {
    const placing = await this.next();
    if (placing === null) return false;
    const { activation, from } = placing;
    const to = await placeNext(this.pool, placing, this.context);
    if (to !== null) {
      this.logger.info(
        { boundary: activation.name, activation: activation.position, from, to },
        'earlier incidents placed',
      );
    }
    return true;
  }

  private async next(): Promise<EarlierPlacing | null> {
    return withTransaction(this.pool, async (tx) => {
      const all = await activations(tx, this.context.logId);
      for (; this.done < all.length; this.done++) {
        const activation = all[this.done] as ActiveSet;
        if (activation.position <= CREATION_MAX) continue;
        const [cursor] = await loadCursors(tx, [placingCursor(this.context.log, this.done)]);
        if (cursor === undefined || cursor.nextOffset >= activation.position) continue;
        const { cursorId, nextOffset: from } = cursor;
        if (this.loaded?.activation !== activation.position) {
          const sets = await setsOf(tx, activation, all.slice(0, this.done));
          this.loaded = { activation: activation.position, sets };
        }
        return { activation, cursorId, from, ...this.loaded.sets };
      }
      this.loaded = null;
      return null;
    });
  }
}

type Sets = Pick<EarlierPlacing, 'set' | 'others' | 'before'>;

async function setsOf(tx: PoolClient, activation: ActiveSet, earlier: readonly ActiveSet[]): Promise<Sets> {
  const newest = new Map(earlier.map((one) => [one.name, one]));
  const previous = newest.get(activation.name);
  newest.delete(activation.name);
  const others: BoundarySet[] = [];
  for (const one of newest.values()) others.push(await loadActive(tx, one));
  // What the built-in set was in an older version of this program is not known any more.
  const isKnown = previous !== undefined && activation.name !== BOUNDARY_SET;
  return {
    set: await loadActive(tx, activation),
    others,
    before: isKnown ? await loadBoundarySet(tx, previous, true) : null,
  };
}
