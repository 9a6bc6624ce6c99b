import { setTimeout as sleep } from 'node:timers/promises';
import { isTransient, withTransaction } from '#app/runtime';
import type { Pool } from 'pg';
import { type Database, joined } from './database.js';
import { MasterKeyError } from './errors.js';
import type { MasterKey } from './master-key.js';
import { random } from './random.js';
import { readSecrets } from './secrets.js';

/** How far the keys of the vault are. */
export interface Rewrapped {
  /** Keys that were looked at. */
  seen: number;
  rewrapped: number;
  /** Keys that no key of the file opens: changed by somebody, or of another master key. */
  unreadable: number;
}

const PAGE = 500;
const ATTEMPTS_MAX = 8;
const FIRST = '00000000-0000-0000-0000-000000000000';

/** Whether this is the master key of the vault. @throws MasterKeyError */
export async function checkMasterKey(db: Database, masterKey: MasterKey): Promise<void> {
  for (const [name, wrapped] of await secretsOf(db)) masterKey.unwrap(name, wrapped);
}

/**
 * Has the first key of the file wrap from here on: the secrets of the log are wrapped by it, in one transaction that waits
 * for those that hold them. Whatever is recorded after it commits is wrapped by the new key.
 *
 * @param masterKey as just read from the file, so that the first key wraps
 * @returns false when it wrapped them before
 * @throws MasterKeyError when there are none, or none of the keys opens them
 */
export async function changeMasterKey(pool: Pool, masterKey: MasterKey): Promise<boolean> {
  return withTransaction(pool, async (tx) => {
    await tx.query('SELECT vault.hold_secrets_alone()');
    const secrets = await secretsOf(tx);
    let changed = false;
    for (const [name, wrapped] of secrets) {
      const again = masterKey.rewrap(name, wrapped);
      if (again === null) continue;
      await replaceSecret(tx, name, again);
      changed = true;
    }
    return changed;
  });
}

/**
 * Wraps every key of the vault by the first key of the file, page by page; those that it wraps already are passed over,
 * so that whatever was interrupted goes on. Only rows that are there are changed: a key that is erased meanwhile stays
 * erased.
 */
export async function rewrapKeys(
  pool: Pool,
  masterKey: MasterKey,
  onPage: (soFar: Rewrapped) => void,
): Promise<Rewrapped> {
  const soFar: Rewrapped = { seen: 0, rewrapped: 0, unreadable: 0 };
  for (let next: string | null = FIRST; next !== null; ) {
    const after: string = next;
    const page = await patiently(() => rewrapPage(pool, masterKey, after));
    soFar.seen += page.seen;
    soFar.rewrapped += page.rewrapped;
    soFar.unreadable += page.unreadable;
    next = page.last;
    onPage(soFar);
  }
  return soFar;
}

async function rewrapPage(
  db: Database,
  masterKey: MasterKey,
  after: string,
): Promise<Rewrapped & { last: string | null }> {
  const { rows } = await db.query<{ key_id: string; wrapped: Buffer }>(
    'SELECT key_id, wrapped FROM vault.key WHERE key_id > $1 ORDER BY key_id LIMIT $2',
    [after, PAGE],
  );
  const changes: { keyId: string; wrapped: string }[] = [];
  let unreadable = 0;
  for (const { key_id: keyId, wrapped } of rows) {
    try {
      const again = masterKey.rewrap(keyId, wrapped);
      if (again !== null) changes.push({ keyId, wrapped: again.toString('base64') });
    } catch (error) {
      if (!(error instanceof MasterKeyError)) throw error;
      unreadable += 1;
    }
  }
  if (changes.length > 0) {
    await db.query(
      `UPDATE vault.key k SET wrapped = decode(r.wrapped, 'base64')
         FROM unnest(string_to_array($1, chr(30))::uuid[], string_to_array($2, chr(30))) AS r (key_id, wrapped)
        WHERE k.key_id = r.key_id`,
      [joined(changes.map(({ keyId }) => keyId)), joined(changes.map(({ wrapped }) => wrapped))],
    );
  }
  const last = rows.length < PAGE ? null : (rows.at(-1)?.key_id ?? null);
  return { seen: rows.length, rewrapped: changes.length, unreadable, last };
}

/** An erasure that deletes the same keys may win a deadlock, and a database may restart. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isTransient(error) || attempt === ATTEMPTS_MAX) throw error;
      await sleep(50 * 2 ** attempt);
    }
  }
}

/**
 * Replaces the key of the pseudonyms. The old one is gone for good: nobody can tell any more which name a pseudonym of
 * before stood for, and the same name gets another pseudonym in what is recorded from here on.
 *
 * @throws MasterKeyError when there is none
 */
export async function replacePseudonymKey(pool: Pool, masterKey: MasterKey): Promise<void> {
  await withTransaction(pool, async (tx) => {
    await tx.query('SELECT vault.hold_secrets_alone()');
    const secrets = await secretsOf(tx);
    // By the key that wraps the others, which is not the first one while a master key is being replaced.
    for (const [name, wrapped] of secrets) masterKey.wrapLike(name, wrapped);
    await replaceSecret(tx, 'pseudonym', masterKey.wrap('pseudonym', random(32)));
  });
}

async function secretsOf(db: Database): Promise<Map<string, Buffer>> {
  const secrets = await readSecrets(db);
  if (secrets.size === 0) throw new MasterKeyError('the vault holds no secrets: there is no log yet');
  return secrets;
}

async function replaceSecret(tx: Database, name: string, wrapped: Buffer): Promise<void> {
  await tx.query('UPDATE vault.secret SET wrapped = $2 WHERE name = $1', [name, wrapped]);
}
