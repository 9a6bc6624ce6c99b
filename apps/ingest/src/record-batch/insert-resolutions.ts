import type { ClientBase } from 'pg';
import type { Plan } from './plan.js';

/** Marks rejections as requeued or discarded; the key of the table lets each be resolved once. */
export async function insertResolutions(tx: ClientBase, resolutions: Plan['resolutions']): Promise<void> {
  for (const { rejection, resolution, eventId } of resolutions) {
    await tx.query('INSERT INTO ledger.rejection_resolution (rejection_id, resolution, event_id) VALUES ($1, $2, $3)', [
      rejection,
      resolution,
      eventId,
    ]);
  }
}
