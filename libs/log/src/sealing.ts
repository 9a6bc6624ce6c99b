import { createCipheriv, createDecipheriv, hash } from 'node:crypto';
import { canonicalize } from './canonical-json.js';
import { SealBrokenError } from './errors.js';
import { random } from './random.js';

const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Below this size a commitment is hashed in place; nothing that fits a leaf is larger. */
const scratch = Buffer.allocUnsafe(128 * 1024);
const boxScratch = Buffer.allocUnsafe(8 * 1024);

const NOTHING = Buffer.alloc(0);

/** A key by its name in the vault. */
export interface VaultKey {
  keyId: string;
  /** 32 bytes. */
  key: Buffer;
}

/** Where a box belongs: `log` the log's id. It opens nowhere else. */
export interface BoxPlace {
  log: string;
  eventId: string;
  pointer: string;
}

/** Pointer of the box that holds the salt of payloadCommitment: the whole message. */
export const WHOLE_MESSAGE = '';

/**
 * Commits to one value and seals it with its salt.
 *
 * @returns digest = base64url SHA-256(salt16 ‖ JCS([pointer, value])), for `sd`; box = base64url(nonce12 ‖ ciphertext ‖
 * tag16) of exactly the bytes that were hashed
 */
export function sealValue(place: BoxPlace, value: unknown, key: Buffer): { digest: string; box: string } {
  const opening = salted(canonicalize([place.pointer, value]));
  return { digest: hash('sha256', opening, 'base64url'), box: sealText(place, opening, key) };
}

/** Where an opening lies among those that one box holds, in bytes: from, to (exclusive). */
export type Range = [from: number, to: number];

/** Values of one event under one key, and the box that holds all their openings one after the other. */
export interface SealedTogether {
  digests: Record<string, string>;
  ranges: Record<string, Range>;
  box: string;
}

/** `sealValue` for several values in one box, which belongs to the whole message: a box each costs more than all else. */
export function sealTogether(
  place: Omit<BoxPlace, 'pointer'>,
  values: Iterable<readonly [pointer: string, value: unknown]>,
  key: Buffer,
): SealedTogether {
  const digests: Record<string, string> = {};
  const ranges: Record<string, Range> = {};
  const openings: Buffer[] = [];
  let end = 0;
  for (const [pointer, value] of values) {
    const opening = salted(canonicalize([pointer, value]), end);
    digests[pointer] = hash('sha256', opening, 'base64url');
    ranges[pointer] = [end, end + opening.length];
    end += opening.length;
    openings.push(opening);
  }
  const whole = Buffer.concat(openings, end);
  return { digests, ranges, box: sealText({ ...place, pointer: WHOLE_MESSAGE }, whole, key) };
}

/** Commits to the raw bytes of a message: base64url SHA-256(salt16 ‖ bytes). */
export function payloadCommitment(salt: Buffer, message: Buffer | null): string {
  return hash('sha256', saltedBytes(salt, message ?? NOTHING), 'base64url');
}

const SALT_PURPOSE = 'salt of the payload commitment';
const saltInput = Buffer.alloc(SALT_PURPOSE.length + 32);
saltInput.write(SALT_PURPOSE);

/** The salt of the payload commitment where it needs no box: it follows from the event's own key, and is gone with it. */
export function derivedSalt(key: Buffer): Buffer {
  key.copy(saltInput, SALT_PURPOSE.length);
  return Buffer.from(hash('sha256', saltInput, 'binary'), 'latin1').subarray(0, SALT_BYTES);
}

/** Encrypts bytes for one place: nonce12 ‖ ciphertext ‖ tag16, AES-256-GCM, associated data = JCS([log, eventId, pointer]). */
export function seal(place: BoxPlace, content: Buffer, key: Buffer): Buffer {
  const nonce = random(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(associatedData(place));
  const sealed = cipher.update(content);
  cipher.final();
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()]);
}

/** The box of `seal` in base64url. Usual boxes are put together in place: they are garbage as soon as they are text. */
function sealText(place: BoxPlace, content: Buffer, key: Buffer): string {
  const length = NONCE_BYTES + content.length + TAG_BYTES;
  if (length > boxScratch.length) return seal(place, content, key).toString('base64url');
  const nonce = random(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(associatedData(place));
  nonce.copy(boxScratch);
  cipher.update(content).copy(boxScratch, NONCE_BYTES);
  cipher.final();
  cipher.getAuthTag().copy(boxScratch, NONCE_BYTES + content.length);
  return boxScratch.toString('base64url', 0, length);
}

/** @throws SealBrokenError when the box was changed, belongs elsewhere or has another key */
export function open(place: BoxPlace, box: Buffer, key: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(associatedData(place));
  decipher.setAuthTag(box.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(box.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch (cause) {
    throw new SealBrokenError(`what event ${place.eventId} sealed at "${place.pointer}" does not open`, { cause });
  }
}

/**
 * The committed value in what was hashed of it.
 *
 * @param digest what the leaf's `sd` says of the pointer; without it only the box's own integrity was checked
 * @throws SealBrokenError
 */
export function valueIn(opening: Buffer, { eventId, pointer }: Omit<BoxPlace, 'log'>, digest?: string): unknown {
  if (digest !== undefined && hash('sha256', opening, 'base64url') !== digest) {
    throw new SealBrokenError(`event ${eventId} committed to another value at "${pointer}"`);
  }
  const [named, value] = JSON.parse(opening.toString('utf8', SALT_BYTES)) as [string, unknown];
  if (named !== pointer) throw new SealBrokenError(`the box at "${pointer}" holds "${named}"`);
  return value;
}

/** Canonical by construction: a UUID needs no escape, and a pointer has JSON.stringify's own. */
function associatedData({ log, eventId, pointer }: BoxPlace): Buffer {
  return Buffer.from(`["${log}","${eventId}",${JSON.stringify(pointer)}]`);
}

function saltedBytes(salt: Buffer, content: Buffer): Buffer {
  const length = salt.length + content.length;
  if (length > scratch.length) return Buffer.concat([salt, content], length);
  salt.copy(scratch);
  content.copy(scratch, salt.length);
  return scratch.subarray(0, length);
}

/** salt16 ‖ text, in the scratch from `at` on where there is room: it holds until something else is written there. */
function salted(text: string, at = 0): Buffer {
  const salt = random(SALT_BYTES);
  if (at + SALT_BYTES + text.length * 3 > scratch.length) return Buffer.concat([salt, Buffer.from(text)]);
  salt.copy(scratch, at);
  return scratch.subarray(at, at + SALT_BYTES + scratch.write(text, at + SALT_BYTES));
}
