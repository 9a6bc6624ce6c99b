import { type CursorKey, loadCursors } from '#app/log';
import type { ClientBase } from 'pg';
import { activations } from './active-boundary-sets.js';

/** The first positions of a log; nothing was recorded before the set that it began with. */
export const CREATION_MAX = 3;

/**
 * How far placing by an activation has come: the row of ledger.kafka_cursor whose "offset" is the next position to look at, and in
 * the end that of the activation itself.
 *
 * @param activation its number among all activations of the log
 */
export function placingCursor(log: string, activation: number): CursorKey {
  return { cluster: log, topic: 'BoundarySetActivated', partition: activation, group: 'boundary-placing' };
}

/** Whether something recorded before the newest activation of a set may have no place by it yet. */
export async function isPlacing(
  tx: ClientBase,
  { logId, log }: { logId: number; log: string },
  name: string,
): Promise<boolean> {
  const all = await activations(tx, logId);
  const newest = all.findLastIndex((one) => one.name === name);
  const position = all[newest]?.position ?? 0;
  if (position <= CREATION_MAX) return false;
  const [cursor] = await loadCursors(tx, [placingCursor(log, newest)]);
  return cursor === undefined || cursor.nextOffset < position;
}
