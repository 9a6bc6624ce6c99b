import { type MasterKey, MasterKeyError, openOpening, readEvents, SealBrokenError } from '#app/log';
import { createPool, withTransaction } from '#app/runtime';
import type { ClientBase } from 'pg';
import { type Environment, needDatabase } from '../environment.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { needMasterKey } from '../master-key.js';

/** A leaf, and what one of its digests was computed of. */
export interface CommittedValue {
  leaf: string;
  /** salt ‖ JCS([pointer, value]) */
  opening: Buffer;
}

/**
 * Opens one committed value with the master key.
 * @throws CommandError when the event has no such value, or it was erased
 */
export async function readCommitted(
  environment: Environment,
  position: number,
  pointer: string,
): Promise<CommittedValue> {
  const masterKey = needMasterKey(environment, 'a value opens with the master key.');
  // Only ingest's role may read leaves and keys alike; this transaction cannot write.
  const pool = createPool(needDatabase(environment), {
    role: 'ledger_ingest',
    max: 1,
    applicationName: 'ledger-cli',
    statementTimeoutMs: 30_000,
  });
  try {
    return await withTransaction(pool, (tx) => openAt(tx, masterKey, { position, pointer }), 'BEGIN READ ONLY');
  } catch (error) {
    if (error instanceof MasterKeyError || error instanceof SealBrokenError) {
      throw new CommandError(error.message, EXIT.failed);
    }
    throw error;
  } finally {
    await pool.end();
  }
}

async function openAt(
  tx: ClientBase,
  masterKey: MasterKey,
  { position, pointer }: { position: number; pointer: string },
): Promise<CommittedValue> {
  const [event] = await readEvents(tx, { after: position - 1, limit: 1 });
  if (event === undefined) throw new CommandError(`The log has no position ${position} yet.`, EXIT.failed);
  const { id, sd } = JSON.parse(event.leaf) as { id: string; sd: Record<string, string> };
  if (!Object.hasOwn(sd, pointer)) {
    const pointers = Object.keys(sd);
    const has = pointers.length === 0 ? 'no committed value at all' : `these: ${pointers.join(' ')}`;
    throw new CommandError(
      `The event at position ${position} has no committed value at ${pointer}; it has ${has}`,
      EXIT.failed,
    );
  }
  const opening = await openOpening(tx, masterKey, { eventId: id, pointer });
  if (opening === null) throw new CommandError(`The value at ${pointer} was erased.`, EXIT.failed);
  return { leaf: event.leaf, opening };
}
