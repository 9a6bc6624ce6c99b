import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import { findDeliveries, identityOf } from '#app/log';
import { isTransient } from '#app/runtime';
import { CommandError, EXIT } from '../exit-codes.js';

const POLL_MS = 200;
const PATIENCE_MS = 90_000;

/** What became of a decision. */
export type Outcome =
  | { outcome: 'RECORDED'; position: number; type: string; event: string; stream: string; streamVersion: number }
  | {
      outcome: 'REFUSED';
      code: string;
      problems: { pointer: string; code: string; detail?: string }[];
      rejection: string;
    };

interface RefusedRow {
  rejection: string;
  code: string;
  problems: { pointer: string; code: string; detail?: string }[];
}

/**
 * Waits until ingest has recorded or refused the decision with this CloudEvents source and id.
 * @throws CommandError with exit code 3 when it does neither within a minute and a half
 */
export async function awaitDecision(pool: Pool, { source, id }: { source: string; id: string }): Promise<Outcome> {
  const identity = identityOf(source, id);
  const giveUpAt = Date.now() + PATIENCE_MS;
  for (;;) {
    const outcome = await look(pool, identity).catch(nullIfTransient);
    if (outcome !== null) return outcome;
    if (Date.now() > giveUpAt) {
      throw new CommandError(
        `Kafka has the decision, and the log has not after ${PATIENCE_MS / 1000} s: is ingest running? It will be recorded when it is (ledger status).`,
        EXIT.unreachable,
      );
    }
    await pause(POLL_MS);
  }
}

async function look(pool: Pool, identity: string): Promise<Outcome | null> {
  const delivery = (await findDeliveries(pool, [identity])).get(identity);
  if (delivery !== undefined) {
    const { position } = delivery;
    const { rows } = await pool.query<{ type: string; event: string; stream: string; streamVersion: number }>(
      `SELECT type, event_id AS event, stream_id AS stream, stream_version AS "streamVersion"
         FROM ledger.event WHERE position = $1 ORDER BY log_id LIMIT 1`,
      [position],
    );
    return rows[0] === undefined ? null : { outcome: 'RECORDED', position, ...rows[0] };
  }
  const { rows } = await pool.query<RefusedRow>(
    `SELECT rejection_id AS rejection, code, problems FROM ledger.rejection
      WHERE identity = $1 ORDER BY received_at DESC LIMIT 1`,
    [identity],
  );
  return rows[0] === undefined ? null : { outcome: 'REFUSED', ...rows[0] };
}

function nullIfTransient(error: unknown): null {
  if (isTransient(error)) return null;
  throw error;
}
