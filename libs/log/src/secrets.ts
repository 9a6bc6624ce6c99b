import { createSecretKey, type KeyObject } from 'node:crypto';
import type { Database } from './database.js';
import { MasterKeyError, MasterKeyMissingError } from './errors.js';
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
 * to insert wins, and both use its secret. From here on the master key wraps by the key that wrapped them.
 *
 * @throws MasterKeyError when the master key is not the one that wrapped them, or there are none in a log that has messages
 */
export async function loadSecrets(db: Database, masterKey: MasterKey): Promise<LogSecrets> {
  let found = await readSecrets(db);
  const missing = NAMES.filter((name) => !found.has(name));
  if (missing.length > 0) {
    if (found.size === 0) await assertNew(db);
    // Secrets that are there already say by which key.
    adoptKey(masterKey, found);
    for (const name of missing) {
      const wrapped = masterKey.wrap(name, random(32));
      await db.query('INSERT INTO vault.secret (name, wrapped) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
        name,
        wrapped,
      ]);
    }
    found = await readSecrets(db);
  }
  return unwrapped(masterKey, found);
}

/** New secrets in a log that was restored without its vault would take every message that comes again for another one. */
async function assertNew(db: Database): Promise<void> {
  const { rows } = await db.query('SELECT FROM ledger.delivery LIMIT 1');
  if (rows.length === 0) return;
  throw new MasterKeyError(
    'the vault is empty, and the log holds messages: it was restored without its vault (ledger restore --vault)',
  );
}

/**
 * The secrets of the log as of each transaction that records. They may be replaced while processes run: whoever replaces
 * one waits until no transaction holds them, and whatever commits after that was written with the new ones.
 */
export class HeldSecrets {
  #held: { wrapped: string; secrets: LogSecrets } | null = null;

  constructor(private readonly masterKey: MasterKey) {}

  /**
   * One round trip. Until the transaction ends the secrets stay as they are, and so does the key that wraps.
   *
   * @throws MasterKeyMissingError when the file does not hold the key (yet) that wrapped them
   */
  async hold(tx: Database): Promise<LogSecrets> {
    const { rows } = await tx.query<SecretRow>('SELECT name, wrapped FROM vault.hold_secrets()');
    const wrapped = rows.map((row) => `${row.name}:${row.wrapped.toString('base64')}`).join();
    if (this.#held?.wrapped !== wrapped) {
      this.#held = { wrapped, secrets: this.#unwrapped(rows) };
    }
    return this.#held.secrets;
  }

  #unwrapped(rows: readonly SecretRow[]): LogSecrets {
    try {
      return unwrapped(this.masterKey, byName(rows));
    } catch (error) {
      if (error instanceof MasterKeyError) throw new MasterKeyMissingError(error.message, { cause: error });
      throw error;
    }
  }
}

type SecretRow = { name: string; wrapped: Buffer };

function unwrapped(masterKey: MasterKey, found: ReadonlyMap<string, Buffer>): LogSecrets {
  adoptKey(masterKey, found);
  const [pseudonymKey, dedupKey, subjectKey] = NAMES.map((name) => {
    const wrapped = found.get(name);
    if (wrapped === undefined) throw new MasterKeyError(`the secret ${name} is missing in the vault`);
    return createSecretKey(masterKey.unwrap(name, wrapped));
  }) as [KeyObject, KeyObject, KeyObject];
  return { pseudonymKey, dedupKey, subjectKey };
}

function adoptKey(masterKey: MasterKey, found: ReadonlyMap<string, Buffer>): void {
  for (const [name, wrapped] of found) masterKey.wrapLike(name, wrapped);
}

/** Every secret of the vault by its name, as it lies there. */
export async function readSecrets(db: Database): Promise<Map<string, Buffer>> {
  const { rows } = await db.query<SecretRow>('SELECT name, wrapped FROM vault.secret ORDER BY name');
  return byName(rows);
}

function byName(rows: readonly SecretRow[]): Map<string, Buffer> {
  return new Map(rows.map(({ name, wrapped }) => [name, wrapped]));
}
