import { positionAt, readHead } from '#app/log';
import type { Environment } from '../environment.js';
import { usageError } from '../exit-codes.js';
import { auditPool } from '../publishing/await-log.js';

/**
 * A position as written, or the last one recorded until a time. A time beyond the head has no answer yet.
 * @throws CommandError with exit code 2
 */
export async function positionOf(text: string, environment: Environment): Promise<number> {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const moment = new Date(text);
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(moment.getTime())) {
    throw usageError('--up-to must be a position, or a time such as 2026-11-01T00:00:00Z.');
  }
  const pool = auditPool(environment);
  try {
    const head = await readHead(pool);
    if (moment > head.recordedAt) {
      throw usageError(
        `--up-to lies beyond the log, whose last event was recorded at ${head.recordedAt.toISOString()}.`,
      );
    }
    const position = await positionAt(pool, moment);
    if (position < 0) throw usageError('--up-to lies before the first event of the log.');
    return position;
  } finally {
    await pool.end();
  }
}
