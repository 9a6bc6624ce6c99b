import { MasterKeyError, openRejected, readHead } from '#app/log';
import { createPool, withTransaction } from '#app/runtime';
import { type Environment, needDatabase } from '../environment.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { needMasterKey } from '../master-key.js';

/** A refused message as text. Bytes that are not UTF-8 show as base64 behind `base64:`. */
export interface RejectedMessage {
  key: string | null;
  value: string | null;
  headers: Record<string, string[]>;
}

/**
 * Decrypts the message of a rejection with the master key.
 * @throws CommandError when the key is missing or another one, or the message was erased
 */
export async function readRejectedBytes(environment: Environment, rejectionId: string): Promise<RejectedMessage> {
  const masterKey = needMasterKey(environment, '--bytes needs it.');
  // Only ingest's role may read rejections and keys alike; this transaction cannot write.
  const pool = createPool(needDatabase(environment), {
    role: 'ledger_ingest',
    max: 1,
    applicationName: 'ledger-cli',
    statementTimeoutMs: 30_000,
  });
  try {
    const opened = await withTransaction(
      pool,
      async (tx) => openRejected(tx, masterKey, { log: (await readHead(tx)).log, rejectionId }),
      'BEGIN READ ONLY',
    );
    if (opened === null) throw new CommandError('The message of this rejection was erased.', EXIT.failed);
    return {
      key: opened.key === null ? null : shown(opened.key),
      value: opened.value === null ? null : shown(opened.value),
      headers: Object.fromEntries(Object.entries(opened.headers).map(([name, values]) => [name, values.map(shown)])),
    };
  } catch (error) {
    if (error instanceof MasterKeyError) throw new CommandError(error.message, EXIT.failed);
    throw error;
  } finally {
    await pool.end();
  }
}

function shown(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return `base64:${bytes.toString('base64')}`;
  }
}
