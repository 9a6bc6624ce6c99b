import { createHmac, hash, type KeyObject } from 'node:crypto';

/** Both in bytes, of SHA-256. */
const BLOCK = 64;
const DIGEST = 32;
/** Longer texts are hashed by the library's own HMAC; no usual report is. */
const TEXT_MAX = 64 * 1024;

const inner = Buffer.allocUnsafe(BLOCK + TEXT_MAX);
const outer = Buffer.allocUnsafe(BLOCK + DIGEST);
const pads = new WeakMap<KeyObject, { inner: Buffer; outer: Buffer }>();

/**
 * HMAC-SHA256 of a text in UTF-8, hex (RFC 2104 in two one-shot hashes: an Hmac object per message costs twice as much
 * time, and the garbage collector pays for its native half).
 */
export function keyedHash(key: KeyObject, text: string): string {
  if (text.length * 3 > TEXT_MAX) return createHmac('sha256', key).update(text).digest('hex');
  const pad = padsOf(key);
  pad.inner.copy(inner);
  const length = inner.write(text, BLOCK);
  pad.outer.copy(outer);
  // A text of bytes comes at half the price of hex.
  outer.write(hash('sha256', inner.subarray(0, BLOCK + length), 'binary'), BLOCK, 'latin1');
  return hash('sha256', outer, 'hex');
}

function padsOf(key: KeyObject): { inner: Buffer; outer: Buffer } {
  let made = pads.get(key);
  if (made === undefined) {
    const bytes = key.export();
    const block = Buffer.alloc(BLOCK);
    (bytes.length > BLOCK ? hash('sha256', bytes, 'buffer') : bytes).copy(block);
    made = { inner: block.map((byte) => byte ^ 0x36) as Buffer, outer: block.map((byte) => byte ^ 0x5c) as Buffer };
    pads.set(key, made);
  }
  return made;
}
