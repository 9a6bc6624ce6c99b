import { createHmac, type KeyObject } from 'node:crypto';
import { canonicalize } from './canonical-json.js';
import { type Database, joined } from './database.js';
import { uuidFromBytes, uuidV7 } from './identifiers.js';
import type { MasterKey } from './master-key.js';
import { random } from './random.js';
import type { VaultKey } from './sealing.js';

/** One lock for the keys of data subjects: shared while sealing with them, exclusive while erasing. */
const SUBJECT_LOCK = "hashtext('vault.key.subject')";

/** Name of a data subject in the vault: the first 16 bytes of HMAC(subject key, JCS([CloudEvents source, subjectRef])). */
export function subjectIdOf(subjectKey: KeyObject, ceSource: string, subjectRef: string): string {
  return uuidFromBytes(
    createHmac('sha256', subjectKey)
      .update(canonicalize([ceSource, subjectRef]))
      .digest(),
  );
}

/**
 * The keys of data subjects, making those that are missing, in one query or three. Until the transaction ends no
 * erasure can delete them, so nothing is sealed with a key that is gone. Not cached: an erasure takes effect at once.
 *
 * @param subjects names from `subjectIdOf`
 */
export async function loadSubjectKeys(
  tx: Database,
  masterKey: MasterKey,
  subjects: Iterable<string>,
): Promise<Map<string, VaultKey>> {
  // Sorted, so that two transactions which make the same keys wait for each other in one order only.
  const wanted = [...new Set(subjects)].toSorted();
  if (wanted.length === 0) return new Map();
  await tx.query(`SELECT pg_advisory_xact_lock_shared(${SUBJECT_LOCK})`);
  let found = await readKeys(tx, masterKey, wanted);
  const missing = wanted.filter((subject) => !found.has(subject));
  if (missing.length > 0) {
    const made = missing.map(() => uuidV7());
    const wrapped = made.map((keyId) => masterKey.wrap(keyId, random(32)).toString('base64'));
    await tx.query(
      `INSERT INTO vault.key (key_id, subject, wrapped)
       SELECT key_id, subject, decode(wrapped, 'base64')
         FROM unnest(string_to_array($1, chr(30))::uuid[], string_to_array($2, chr(30))::uuid[], string_to_array($3, chr(30)))
              AS made (key_id, subject, wrapped)
           ON CONFLICT (subject) WHERE subject IS NOT NULL DO NOTHING`,
      [joined(made), joined(missing), joined(wrapped)],
    );
    found = await readKeys(tx, masterKey, wanted);
  }
  return found;
}

async function readKeys(tx: Database, masterKey: MasterKey, subjects: string[]): Promise<Map<string, VaultKey>> {
  const { rows } = await tx.query<{ subject: string; key_id: string; wrapped: Buffer }>(
    'SELECT subject, key_id, wrapped FROM vault.key WHERE subject = ANY(string_to_array($1, chr(30))::uuid[])',
    [joined(subjects)],
  );
  return new Map(
    rows.map(({ subject, key_id: keyId, wrapped }) => [subject, { keyId, key: masterKey.unwrap(keyId, wrapped) }]),
  );
}

/** Waits until nobody seals with a data subject's key, and keeps it so until the transaction ends. */
export async function lockSubjectKeys(tx: Database): Promise<void> {
  await tx.query(`SELECT pg_advisory_xact_lock(${SUBJECT_LOCK})`);
}
