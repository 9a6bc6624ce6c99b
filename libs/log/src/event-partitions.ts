import { DEFAULT_LOG_ID } from './append-events.js';
import type { Database } from './database.js';
import { readHead } from './read-events.js';

/**
 * Makes partitions of ledger.event before they are needed: when less than half a partition is left.
 *
 * Call `prepareFor` with the last appended position, outside the transaction that appends; it asks the database only
 * when something is to be made, so it may be called after every batch. Safe in several processes at once.
 */
export class EventPartitions {
  readonly #pool: Database;
  readonly #logId: number;
  #size = 0;
  /** The first position that has no partition. */
  #end = 0;

  constructor(pool: Database, logId = DEFAULT_LOG_ID) {
    this.#pool = pool;
    this.#logId = logId;
  }

  /** To be called once at start, with no position. */
  async prepareFor(lastPosition?: number): Promise<void> {
    let position = lastPosition;
    if (position === undefined || this.#size === 0) {
      const head = await readHead(this.#pool, this.#logId);
      this.#size = head.partitionSize;
      position = Math.max(position ?? 0, head.position, 0);
    }
    if (position + this.#size / 2 < this.#end) return;
    const { rows } = await this.#pool.query<{ end: number }>(
      'SELECT ledger.ensure_event_partition($1::bigint)::float8 AS "end"',
      [position + Math.ceil(this.#size / 2)],
    );
    this.#end = (rows[0] as { end: number }).end;
  }
}
