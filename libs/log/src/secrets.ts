import { createSecretKey, type KeyObject } from 'node:crypto';
import type { Database } from './database.js';
import type { MasterKey } from './master-key.js';
import { random } from './random.js';

/** Keys of the whole log, outside the log: for pseudonyms, for content digests, for the names of data subjects. */
export interface LogSecrets {
  pseudonymKey: KeyObject;
  dedupKey: KeyObject;
  subjectKey: KeyObject;
}

const NAMES = ['pseudonym', 'deduplication', 'subject'] as const;

/**
 * Loads the secrets from the vault, making those that are missing. Of two processes that make them at once the first
 * to insert wins, and both use its secret.
 *
 * @throws MasterKeyError when the master key is not the one that wrapped them
 */
export async function loadSecrets(db: Database, masterKey: MasterKey): Promise<LogSecrets> {
  let found = await readSecrets(db);
  const missing = NAMES.filter((name) => !found.has(name));
  if (missing.length > 0) {
    for (const name of missing) {
      const wrapped = masterKey.wrap(name, random(32));
      await db.query('INSERT INTO vault.secret (name, wrapped) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
        name,
        wrapped,
      ]);
    }
    found = await readSecrets(db);
  }
  const [pseudonymKey, dedupKey, subjectKey] = NAMES.map((name) =>
    createSecretKey(masterKey.unwrap(name, found.get(name) as Buffer)),
  ) as [KeyObject, KeyObject, KeyObject];
  return { pseudonymKey, dedupKey, subjectKey };
}

async function readSecrets(db: Database): Promise<Map<string, Buffer>> {
  const { rows } = await db.query<{ name: string; wrapped: Buffer }>('SELECT name, wrapped FROM vault.secret');
  return new Map(rows.map(({ name, wrapped }) => [name, wrapped]));
}
