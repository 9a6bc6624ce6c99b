import type { Database } from './database.js';
import type { MasterKey } from './master-key.js';
import { random } from './random.js';
import { open, seal, type VaultKey } from './sealing.js';

/** A Kafka message as it came: what is kept, encrypted, of one that could not be recorded. */
export interface RawMessage {
  key: Buffer | null;
  value: Buffer | null;
  headers: Readonly<Record<string, string | Buffer | readonly (string | Buffer)[] | undefined>>;
}

export interface OpenedMessage {
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, Buffer[]>;
}

/** Where the bytes of a rejection belong: its own key, named by the rejection id, and one pointer. */
export interface SealedRejection {
  /** For ledger.rejection.key_id, and `ownKey` of the ReportRejected event. */
  key: VaultKey;
  /** For vault.key.wrapped, through `insertRejectionKeys`. */
  wrapped: Buffer;
  /** For ledger.rejection.box. */
  box: Buffer;
}

const POINTER = '/message';
const LENGTH_BYTES = 4;

/** Encrypts a refused message. Content: length (4, big endian) of a JSON text of key and headers, that text, the value. */
export function sealRejected(
  message: RawMessage,
  place: { log: string; rejectionId: string },
  masterKey: MasterKey,
): SealedRejection {
  const { key, value, headers } = message;
  const about = Buffer.from(
    JSON.stringify({
      key: key?.toString('base64') ?? null,
      hasValue: value !== null,
      headers: Object.entries(headers).flatMap(([name, values]) =>
        [values ?? []].flat().map((one) => [name, Buffer.from(one as string).toString('base64')]),
      ),
    }),
  );
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(about.length);
  const vaultKey = { keyId: place.rejectionId, key: random(32) };
  const box = seal(boxPlace(place), Buffer.concat([length, about, value ?? Buffer.alloc(0)]), vaultKey.key);
  return { key: vaultKey, wrapped: masterKey.wrap(vaultKey.keyId, vaultKey.key), box };
}

/** Puts the keys of rejections into the vault. */
export async function insertRejectionKeys(tx: Database, rejections: readonly SealedRejection[]): Promise<void> {
  if (rejections.length === 0) return;
  await tx.query(
    `INSERT INTO vault.key (key_id, wrapped)
     SELECT key_id, decode(wrapped, 'base64')
       FROM unnest(string_to_array($1, ',')::uuid[], string_to_array($2, ',')) AS k (key_id, wrapped)`,
    [
      rejections.map(({ key }) => key.keyId).join(','),
      rejections.map(({ wrapped }) => wrapped.toString('base64')).join(','),
    ],
  );
}

/**
 * The message of a rejection, byte for byte; null when there is no such rejection or it was erased.
 *
 * @throws SealBrokenError, MasterKeyError
 */
export async function openRejected(
  db: Database,
  masterKey: MasterKey,
  rejection: { log: string; rejectionId: string },
): Promise<OpenedMessage | null> {
  const { rows } = await db.query<{ box: Buffer; key_id: string; wrapped: Buffer }>(
    'SELECT r.box, r.key_id, k.wrapped FROM ledger.rejection r JOIN vault.key k USING (key_id) WHERE r.rejection_id = $1',
    [rejection.rejectionId],
  );
  const [row] = rows;
  if (row === undefined) return null;
  const content = open(boxPlace(rejection), row.box, masterKey.unwrap(row.key_id, row.wrapped));
  const start = LENGTH_BYTES + content.readUInt32BE();
  const about = JSON.parse(content.toString('utf8', LENGTH_BYTES, start)) as {
    key: string | null;
    hasValue: boolean;
    headers: [string, string][];
  };
  const headers: Record<string, Buffer[]> = {};
  for (const [name, value] of about.headers) (headers[name] ??= []).push(Buffer.from(value, 'base64'));
  return {
    key: about.key === null ? null : Buffer.from(about.key, 'base64'),
    value: about.hasValue ? content.subarray(start) : null,
    headers,
  };
}

function boxPlace({ log, rejectionId }: { log: string; rejectionId: string }) {
  return { log, eventId: rejectionId, pointer: POINTER };
}
