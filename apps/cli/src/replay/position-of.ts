import { positionAt, readHead, readSealedSnapshots } from '#app/log';
import type { Pool } from 'pg';
import type { Environment } from '../environment.js';
import { usageError } from '../exit-codes.js';
import { auditPool } from '../publishing/await-log.js';

/** Names of snapshots: never a position, a date or a time. */
const SNAPSHOT_NAME = /^[a-z][a-z0-9-]{1,62}$/;

/**
 * A position as written, the one that a snapshot names, or the last one recorded until a time. A time beyond the head has
 * no answer yet.
 * @throws CommandError with exit code 2
 */
export async function positionOf(text: string, environment: Environment): Promise<number> {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const moment = new Date(text);
  if (!SNAPSHOT_NAME.test(text) && (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(moment.getTime()))) {
    throw usageError('--up-to must be a position, a time such as 2026-11-01T00:00:00Z, or the name of a snapshot.');
  }
  const pool = auditPool(environment);
  try {
    return SNAPSHOT_NAME.test(text) ? await ofSnapshot(pool, text) : await ofMoment(pool, moment);
  } finally {
    await pool.end();
  }
}

async function ofSnapshot(pool: Pool, name: string): Promise<number> {
  const snapshot = (await readSealedSnapshots(pool)).get(name);
  if (snapshot === undefined) throw usageError(`no snapshot is named ${name}: ledger snapshot list shows all.`);
  return snapshot.position;
}

async function ofMoment(pool: Pool, moment: Date): Promise<number> {
  const head = await readHead(pool);
  if (moment > head.recordedAt) {
    throw usageError(`--up-to lies beyond the log, whose last event was recorded at ${head.recordedAt.toISOString()}.`);
  }
  const position = await positionAt(pool, moment);
  if (position < 0) throw usageError('--up-to lies before the first event of the log.');
  return position;
}
