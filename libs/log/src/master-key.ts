import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { CHECK_BYTES, DERIVED, derivedKey, SEED_BYTES } from './derived-key.js';
import { MasterKeyError } from './errors.js';
import { fileStamp, MASTER_KEY_BYTES, readMasterKeyFile } from './master-key-file.js';
import { random } from './random.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** First byte of a key that is encrypted; DERIVED of one that is derived. */
const ENCRYPTED = 1;
/** How often the file is looked at, so that a key taken out of it leaves the memory too. */
const LOOK_EVERY_MS = 5000;

/**
 * What wraps the keys in the vault. It lives in a file that is in no database and in no backup of one.
 * A key that is given: wrapped = 0x01 ‖ nonce (12) ‖ AES-256-GCM ciphertext (32) ‖ tag (16), associated data = its name.
 * A key that is made here: wrapped = 0x02 ‖ seed (32) ‖ check (16), the key is derived from master key, seed and name.
 * Of both kinds neither the file nor the row alone tells anything about the key (docs/adr/0017).
 *
 * While it is replaced the file holds several keys, and each of them unwraps. The one that wraps is the one under which
 * the secrets of the log lie in the vault (`wrapLike`), so that every process changes over in the same transaction; for a
 * vault without secrets the first. A file that was changed is read again, when a key does not open and now and then.
 */
export class MasterKey {
  readonly #file: string | null;
  #keys: KeyObject[];
  #wrapping: KeyObject;
  /** Of the file as it was read; what fails to open twice does not make it be read twice. */
  #stamp: string | null = null;
  #lookedAt = 0;

  constructor(bytes: Buffer | readonly Buffer[], file: string | null = null) {
    this.#keys = [bytes].flat().map(keyOf);
    const [first] = this.#keys;
    if (first === undefined) throw new MasterKeyError('a master key is needed');
    this.#wrapping = first;
    this.#file = file;
  }

  /**
   * @param file keys of 32 bytes, one raw or one a line as base64, readable by its owner only (mode 0600)
   * @throws MasterKeyError with a sentence that says what to do
   */
  static fromFile(file: string): MasterKey {
    const stamp = fileStamp(file);
    const masterKey = new MasterKey(readMasterKeyFile(file), file);
    masterKey.#stamp = stamp;
    masterKey.#lookedAt = Date.now();
    return masterKey;
  }

  /** A new key of 32 bytes that is random to whoever lacks the master key or the seed. */
  make(name: string): { key: Buffer; wrapped: Buffer } {
    const wrapped = random(1 + SEED_BYTES + CHECK_BYTES);
    wrapped[0] = DERIVED;
    const { key, check } = derivedKey(this.#wrapping, name, wrapped.subarray(1, 1 + SEED_BYTES));
    check.copy(wrapped, 1 + SEED_BYTES);
    return { key, wrapped };
  }

  wrap(name: string, key: Buffer): Buffer {
    const nonce = random(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#wrapping, nonce);
    cipher.setAAD(Buffer.from(name));
    const sealed = cipher.update(key);
    cipher.final();
    return Buffer.concat([Buffer.of(ENCRYPTED), nonce, sealed, cipher.getAuthTag()]);
  }

  /** @throws MasterKeyError when no key of the file wrapped it, or it was wrapped under another name */
  unwrap(name: string, wrapped: Buffer): Buffer {
    if (this.#file !== null && Date.now() - this.#lookedAt > LOOK_EVERY_MS) this.#readAgain();
    return this.#open(name, wrapped).key;
  }

  /** From here on wraps by the key that wrapped this one. @throws MasterKeyError */
  wrapLike(name: string, wrapped: Buffer): void {
    this.#wrapping = this.#open(name, wrapped).by;
  }

  /** The same key wrapped by the one that wraps now; null when that one wrapped it. @throws MasterKeyError */
  rewrap(name: string, wrapped: Buffer): Buffer | null {
    const { key, by } = this.#open(name, wrapped);
    return by === this.#wrapping ? null : this.wrap(name, key);
  }

  #open(name: string, wrapped: Buffer): Opened {
    if (wrapped[0] !== ENCRYPTED && wrapped[0] !== DERIVED)
      throw new MasterKeyError(`key ${name} is wrapped in an unknown format`);
    const opened =
      openWith(this.#keys, name, wrapped) ?? (this.#readAgain() ? openWith(this.#keys, name, wrapped) : null);
    if (opened !== null) return opened;
    const which = this.#file === null ? 'this master key' : `a master key in ${this.#file}`;
    throw new MasterKeyError(`key ${name} was not wrapped by ${which}`);
  }

  /** @returns whether the file holds something else than before. A file that cannot be read now leaves all as it is. */
  #readAgain(): boolean {
    if (this.#file === null) return false;
    this.#lookedAt = Date.now();
    try {
      const stamp = fileStamp(this.#file);
      if (stamp === this.#stamp) return false;
      const keys = readMasterKeyFile(this.#file).map(keyOf);
      this.#stamp = stamp;
      // What wraps stays: the vault says when another one does.
      this.#keys = keys.map((key) => (key.equals(this.#wrapping) ? this.#wrapping : key));
      return true;
    } catch (error) {
      if (error instanceof MasterKeyError) return false;
      throw error;
    }
  }
}

interface Opened {
  key: Buffer;
  by: KeyObject;
}

function openWith(keys: readonly KeyObject[], name: string, wrapped: Buffer): Opened | null {
  if (wrapped[0] === DERIVED) return deriveWith(keys, name, wrapped);
  for (const by of keys) {
    const decipher = createDecipheriv('aes-256-gcm', by, wrapped.subarray(1, 1 + NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(name));
    decipher.setAuthTag(wrapped.subarray(-TAG_BYTES));
    const key = decipher.update(wrapped.subarray(1 + NONCE_BYTES, -TAG_BYTES));
    try {
      decipher.final();
      return { key, by };
    } catch {
      continue; // another key wrapped it, or it was changed: the caller tells
    }
  }
  return null;
}

function deriveWith(keys: readonly KeyObject[], name: string, wrapped: Buffer): Opened | null {
  for (const by of keys) {
    const { key, check } = derivedKey(by, name, wrapped.subarray(1, 1 + SEED_BYTES));
    if (check.equals(wrapped.subarray(1 + SEED_BYTES))) return { key, by };
  }
  return null;
}

function keyOf(bytes: Buffer): KeyObject {
  if (bytes.length !== MASTER_KEY_BYTES) {
    throw new MasterKeyError(`a master key has ${MASTER_KEY_BYTES} bytes, not ${bytes.length}`);
  }
  return createSecretKey(bytes);
}
