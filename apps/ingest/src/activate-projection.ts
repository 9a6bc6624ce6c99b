import { type ActivatedData, appendEvents, parseLeaf, type PrepareContext, prepareEvent, systemDraft } from '#app/log';
import { withTransaction } from '#app/runtime';
import type { Pool } from 'pg';
import { versionsOf } from './decide/erasure-targets.js';

/** Of processes that start at once one records the activation. */
const LOCK = "hashtext('ledger.activate_projection')";

/**
 * Records, once, that figures are computed by another projection from here on (architecture §4): when the newest
 * ProjectionActivated of the log names another one than this version has.
 */
export async function activateProjection(
  pool: Pool,
  context: PrepareContext & { logId: number },
  projection: ActivatedData,
): Promise<void> {
  const { logId, log } = context;
  await withTransaction(pool, async (tx) => {
    await tx.query(`SELECT pg_advisory_xact_lock(${LOCK})`);
    const { rows } = await tx.query<{ leaf: string }>(
      `SELECT leaf FROM ledger.event WHERE log_id = $1 AND type = 'ProjectionActivated' ORDER BY position DESC LIMIT 1`,
      [logId],
    );
    const newest = rows[0] && parseLeaf(rows[0].leaf);
    if (newest?.type === 'ProjectionActivated' && newest.data.name === projection.name) return;
    const streamVersion = ((await versionsOf(tx, logId, [log])).get(log) ?? 0) + 1;
    const draft = systemDraft('ProjectionActivated', projection, { stream: log, streamVersion });
    await appendEvents(tx, logId, [prepareEvent(draft, context)]);
  });
}
