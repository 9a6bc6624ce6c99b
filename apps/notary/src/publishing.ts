import { CHECKPOINT_FILE } from '#app/transparency';
import type { Pool } from 'pg';
import { publishCheckpoint } from './checkpoint-rows.js';
import type { NotaryCrashAt } from './crash-points.js';
import type { TileStore } from './tile-store.js';

/** How long somebody else's change of the published file may stand while there is nothing to publish. */
const LOOK_MS = 1000;

/** Keeps the newest checkpoint published: the file says what was signed last, with the cosignatures that came in. */
export class Publishing {
  /** What we put there; null before the first time. */
  #content: string | null = null;
  #lookedAt = 0;

  constructor(private readonly parts: { pool: Pool; store: TileStore; crashAt: NotaryCrashAt }) {}

  /**
   * @param checkpoint the one that was signed last; it is published unless it is already
   * @returns whether the file had to be written
   * @throws OvertakenError when there is a newer one, Error when somebody else has changed the file: begin again with what is there
   */
  async keep({ size, note }: { size: number; note: string }): Promise<boolean> {
    await this.#look(note === this.#content ? LOOK_MS : 0);
    if (note === this.#content) return false;
    const { pool, store, crashAt } = this.parts;
    const staged = await store.stage({ path: CHECKPOINT_FILE, bytes: note });
    crashAt('after-staging');
    let isReplaced = false;
    try {
      await publishCheckpoint(pool, { size, note }, async () => {
        isReplaced = true;
        await staged.replace();
        crashAt('after-replacing');
      });
    } finally {
      if (!isReplaced) await staged.discard();
    }
    this.#content = note;
    this.#lookedAt = performance.now();
    crashAt('after-publishing');
    return true;
  }

  /**
   * The file must still hold what we put there. Somebody who slept may have put back an older one, an operator may have
   * emptied the folder to have it written anew, or the notary of another database may have published more than we know.
   */
  async #look(afterMs: number): Promise<void> {
    if (this.#content === null || performance.now() - this.#lookedAt < afterMs) return;
    this.#lookedAt = performance.now();
    const bytes = await this.parts.store.read(CHECKPOINT_FILE);
    if (bytes?.toString() === this.#content) return;
    throw new Error(`the published checkpoint was ${bytes === null ? 'removed' : 'replaced'} by somebody else`);
  }
}
