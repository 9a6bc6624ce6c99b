import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MasterKeyError } from './errors.js';
import { random } from './random.js';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** First byte of a wrapped key, so that another way of wrapping can come later. */
const FORMAT = 1;

/**
 * The key that wraps the keys in the vault. It lives in a file that is in no database and in no backup of one.
 * wrapped = 0x01 ‖ nonce (12) ‖ AES-256-GCM ciphertext (32) ‖ tag (16), associated data = the key's name.
 */
export class MasterKey {
  readonly #key: KeyObject;

  constructor(bytes: Buffer) {
    if (bytes.length !== KEY_BYTES)
      throw new MasterKeyError(`a master key has ${KEY_BYTES} bytes, not ${bytes.length}`);
    this.#key = createSecretKey(bytes);
  }

  /**
   * @param file 32 bytes, raw or as base64 text, readable by its owner only (mode 0600)
   * @throws MasterKeyError with a sentence that says what to do
   */
  static fromFile(file: string): MasterKey {
    let content: Buffer;
    let mode: number;
    try {
      content = readFileSync(file);
      ({ mode } = statSync(file));
    } catch (cause) {
      throw new MasterKeyError(`the master key file ${file} cannot be read`, { cause });
    }
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new MasterKeyError(`others may read the master key file ${file}: run chmod 600 ${file}`);
    }
    if (content.length === KEY_BYTES) return new MasterKey(content);
    const text = content.toString('latin1').trim();
    if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) {
      throw new MasterKeyError(`the master key file ${file} must hold 32 bytes, raw or as base64`);
    }
    return new MasterKey(Buffer.from(text, 'base64'));
  }

  wrap(name: string, key: Buffer): Buffer {
    const nonce = random(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    cipher.setAAD(Buffer.from(name));
    const sealed = cipher.update(key);
    cipher.final();
    return Buffer.concat([Buffer.of(FORMAT), nonce, sealed, cipher.getAuthTag()]);
  }

  /** @throws MasterKeyError when another master key wrapped it, or it was wrapped under another name */
  unwrap(name: string, wrapped: Buffer): Buffer {
    if (wrapped[0] !== FORMAT) throw new MasterKeyError(`key ${name} is wrapped in an unknown format`);
    const nonce = wrapped.subarray(1, 1 + NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(name));
    decipher.setAuthTag(wrapped.subarray(-TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(wrapped.subarray(1 + NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    } catch (cause) {
      throw new MasterKeyError(`key ${name} was not wrapped by this master key`, { cause });
    }
  }
}

/** Makes the master key of a local run, if there is none yet: base64 text, mode 0600. Of two processes one makes it. */
export function createMasterKeyFile(file: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  try {
    writeFileSync(file, `${random(KEY_BYTES).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
