import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import { isTransient } from '#app/runtime';
import type { Output } from '../terminal/output.js';

const POLL_MS = 100;
const STALLED_MS = 15_000;

const POSITIONS = `
  SELECT (SELECT next_position - 1 FROM ledger.head ORDER BY log_id LIMIT 1) AS head,
         (SELECT position FROM read_model.generation WHERE status = 'LIVE') AS projected`;

export interface Positions {
  /** Last recorded position; -1 while the log is empty. */
  head: number;
  /** The last position that the live figures hold. */
  projected: number;
}

export async function readPositions(pool: Pool): Promise<Positions> {
  const { rows } = await pool.query<{ head: number | null; projected: number | null }>(POSITIONS);
  return { head: rows[0]?.head ?? -1, projected: rows[0]?.projected ?? -1 };
}

/**
 * Waits until the live figures hold everything that is in the log now. A projector that stands still for 15 s is said, not
 * an error: the log is what counts, the figures follow.
 */
export async function awaitFigures(pool: Pool, output: Output): Promise<boolean> {
  const { head, projected: first } = await readPositions(pool);
  const progress = output.progress('projecting', head - first, 'events');
  let last = first;
  let movedAt = Date.now();
  try {
    while (last < head) {
      await pause(POLL_MS);
      const projected = await readPositions(pool).then((now) => now.projected, lastIfTransient(last));
      if (projected !== last) movedAt = Date.now();
      last = projected;
      progress.update(Math.min(head, last) - first);
      if (last < head && Date.now() - movedAt > STALLED_MS) {
        output.note('The figures do not follow the log: is the projector running? (ledger status)');
        return false;
      }
    }
    return true;
  } finally {
    progress.stop();
  }
}

/** A database that is away for a moment is a projector that stands still for a moment. */
function lastIfTransient(last: number): (error: unknown) => number {
  return (error) => {
    if (isTransient(error)) return last;
    throw error;
  };
}
