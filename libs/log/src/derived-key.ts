import { hash, type KeyObject } from 'node:crypto';
import { keyedHash } from './keyed-hash.js';

/** First byte of a wrapped key of this kind. */
export const DERIVED = 2;
export const SEED_BYTES = 32;
export const CHECK_BYTES = 16;

const KEY_BYTES = 32;
/** Sets what is derived apart from everything else that the same master key does. */
const PURPOSE = 'conflict-ledger vault key 2';
/** Above the longest name: a UUID or a word of ours. */
const INPUT_BYTES = 256;

/** The derivation secret, then seed and name; one a master key, so that nothing is copied but what changes. */
const inputs = new WeakMap<KeyObject, Buffer>();

/**
 * A key by the one-step derivation of NIST SP 800-56C with SHA-512: H(counter ‖ secret ‖ seed ‖ name), of which the first
 * 32 bytes are the key and the next 16 tell whether master key, seed and name are those that it was made with. The secret
 * is HMAC-SHA256(master key, purpose).
 */
export function derivedKey(masterKey: KeyObject, name: string, seed: Buffer): { key: Buffer; check: Buffer } {
  const input = inputOf(masterKey);
  const start = 4 + KEY_BYTES;
  seed.copy(input, start);
  const length = start + SEED_BYTES + input.write(name, start + SEED_BYTES);
  // A text of bytes comes at half the price of a buffer.
  const digest = Buffer.from(hash('sha512', input.subarray(0, length), 'binary'), 'latin1');
  return { key: digest.subarray(0, KEY_BYTES), check: digest.subarray(KEY_BYTES, KEY_BYTES + CHECK_BYTES) };
}

function inputOf(masterKey: KeyObject): Buffer {
  let input = inputs.get(masterKey);
  if (input === undefined) {
    input = Buffer.alloc(INPUT_BYTES);
    input.writeUInt32BE(1);
    input.write(keyedHash(masterKey, PURPOSE), 4, 'hex');
    inputs.set(masterKey, input);
  }
  return input;
}
