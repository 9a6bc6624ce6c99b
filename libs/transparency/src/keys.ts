import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto';
import { fromBase64 } from './base64.js';
import { MalformedError } from './errors.js';
import type { NoteSignature } from './signed-note.js';

/** What a key signs: notes as a log does (0x01), or timestamped checkpoints as a witness does (0x04); both Ed25519. */
export type KeyKind = 'LOG' | 'WITNESS';
/** ML-DSA-44 (0x06): not made and not checked here, since Node 20 and 22 have none of it. A policy may name such a witness. */
export type UncheckedKind = 'WITNESS_ML_DSA_44';

const TYPE_BYTES: Record<KeyKind | UncheckedKind, number> = { LOG: 0x01, WITNESS: 0x04, WITNESS_ML_DSA_44: 0x06 };
const KEY_BYTES: Record<KeyKind | UncheckedKind, number> = { LOG: 32, WITNESS: 32, WITNESS_ML_DSA_44: 1312 };
const TIME_BYTES = 8;
/** What comes before the 32 bytes of an Ed25519 key in PKCS #8 and in SubjectPublicKeyInfo (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const PRIVATE_PREFIX = 'PRIVATE+KEY+';

/** A public key by its name, as a C2SP vkey gives it. */
export interface VerifierKey {
  name: string;
  /** 8 hex digits. */
  keyId: string;
  kind: KeyKind | UncheckedKind;
  /** 32 bytes, Ed25519; of the kind that is not checked 1,312. */
  publicKey: Buffer;
}

/** @param vkey `<name>+<key id>+<base64(type ‖ public key)>` @throws MalformedError */
export function parseVerifierKey(vkey: string): VerifierKey {
  const { name, keyId, kind, key } = parseKey(vkey.trim(), 'a verifier key');
  const expected = keyIdOf(name, kind, key);
  if (keyId !== expected) throw new MalformedError(`the id of the key of ${name} should be ${expected}, not ${keyId}`);
  return { name, keyId, kind, publicKey: key };
}

export function formatVerifierKey({ name, keyId, kind, publicKey }: VerifierKey): string {
  return `${name}+${keyId}+${Buffer.concat([Buffer.of(TYPE_BYTES[kind]), publicKey]).toString('base64')}`;
}

/** A private key that signs notes under a name. */
export class NoteSigner {
  readonly #privateKey: KeyObject;
  readonly verifier: VerifierKey;

  /** @param seed 32 bytes (RFC 8032) */
  private constructor(
    name: string,
    kind: KeyKind,
    private readonly seed: Buffer,
  ) {
    this.#privateKey = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
    const spki = createPublicKey(this.#privateKey).export({ format: 'der', type: 'spki' });
    const publicKey = spki.subarray(-KEY_BYTES.LOG);
    this.verifier = { name, kind, publicKey, keyId: keyIdOf(name, kind, publicKey) };
  }

  static generate(name: string, kind: KeyKind): NoteSigner {
    checkName(name);
    const { privateKey } = generateKeyPairSync('ed25519');
    const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-KEY_BYTES.LOG);
    return new NoteSigner(name, kind, seed);
  }

  /** @param text `PRIVATE+KEY+<name>+<key id>+<base64(type ‖ seed)>`, as Go's note package writes it @throws MalformedError */
  static parse(text: string): NoteSigner {
    const line = text.trim();
    if (!line.startsWith(PRIVATE_PREFIX)) throw new MalformedError(`a private key begins with ${PRIVATE_PREFIX}`);
    const { name, keyId, kind, key } = parseKey(line.slice(PRIVATE_PREFIX.length), 'a private key');
    if (kind === 'WITNESS_ML_DSA_44') throw new MalformedError(`the private key of ${name} is not an Ed25519 key`);
    const signer = new NoteSigner(name, kind, key);
    if (signer.verifier.keyId !== keyId) throw new MalformedError(`the private key of ${name} does not match its id`);
    return signer;
  }

  /** The private key as text. For its file, and for nothing else. */
  export(): string {
    const { name, keyId, kind } = this.verifier;
    const encoded = Buffer.concat([Buffer.of(TYPE_BYTES[kind]), this.seed]).toString('base64');
    return `${PRIVATE_PREFIX}${name}+${keyId}+${encoded}`;
  }

  /** @param now the time that a witness vouches for; a log's signature has none */
  sign(text: string, now: Date): NoteSignature {
    const { name, keyId, kind } = this.verifier;
    if (kind === 'LOG') return { name, keyId, signature: signBytes(null, Buffer.from(text), this.#privateKey) };
    const seconds = Math.floor(now.getTime() / 1000);
    const time = Buffer.alloc(TIME_BYTES);
    time.writeBigUInt64BE(BigInt(seconds));
    const signature = signBytes(null, cosignedMessage(text, seconds), this.#privateKey);
    return { name, keyId, signature: Buffer.concat([time, signature]) };
  }
}

/** What a valid signature says. */
export interface Verified {
  /** When a witness saw it; null for a log. */
  time: Date | null;
}

/** Whether a key made a signature over a text; null when it did not, or when that cannot be checked here. The name and the id are the caller's to compare. */
export function verifySignature(key: VerifierKey, text: string, signature: Buffer): Verified | null {
  if (key.kind === 'WITNESS_ML_DSA_44') return null;
  const publicKey = createPublicKey({ key: Buffer.concat([SPKI, key.publicKey]), format: 'der', type: 'spki' });
  if (key.kind === 'LOG') {
    return verifyBytes(null, Buffer.from(text), publicKey, signature) ? { time: null } : null;
  }
  if (signature.length <= TIME_BYTES) return null;
  const seconds = Number(signature.readBigUInt64BE());
  const isValid = verifyBytes(null, cosignedMessage(text, seconds), publicKey, signature.subarray(TIME_BYTES));
  return isValid ? { time: new Date(seconds * 1000) } : null;
}

/** The signatures of a note that a key made, by name and id. */
export function signaturesOf(signatures: readonly NoteSignature[], { name, keyId }: VerifierKey): NoteSignature[] {
  return signatures.filter((signature) => signature.name === name && signature.keyId === keyId);
}

/** C2SP tlog-cosignature, Ed25519. */
function cosignedMessage(text: string, seconds: number): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`);
}

function keyIdOf(name: string, kind: VerifierKey['kind'], publicKey: Buffer): string {
  return hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(TYPE_BYTES[kind]), publicKey])).slice(0, 8);
}

function parseKey(text: string, what: string): { name: string; keyId: string; kind: VerifierKey['kind']; key: Buffer } {
  // Base64 has plus signs too: only the first two divide.
  const [, name, keyId, encoded] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/u.exec(text) ?? [];
  const bytes = encoded === undefined ? null : fromBase64(encoded);
  if (name === undefined || keyId === undefined || bytes === null) {
    throw new MalformedError(`${what} is name+id+base64, not this`);
  }
  const kind = (Object.keys(TYPE_BYTES) as VerifierKey['kind'][]).find((one) => TYPE_BYTES[one] === bytes[0]);
  if (kind === undefined || bytes.length !== 1 + KEY_BYTES[kind]) {
    throw new MalformedError(
      `the key of ${name} is neither an Ed25519 key of a log or a witness nor an ML-DSA-44 key of a witness`,
    );
  }
  return { name, keyId, kind, key: bytes.subarray(1) };
}

function checkName(name: string): void {
  if (!/^[^+\s]+$/u.test(name)) throw new MalformedError(`a key's name has no space and no plus: "${name}"`);
}
