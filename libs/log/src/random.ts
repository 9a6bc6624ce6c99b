import { randomFillSync } from 'node:crypto';

const POOL_BYTES = 8192;
let pool = Buffer.alloc(0);
let used = 0;

/**
 * Cryptographically random bytes, drawn in bulk: one call of the system per value would cost ten times as much. Each byte
 * is given out once: what is drawn is a part of the pool, and an exhausted pool is let go.
 */
export function random(bytes: number): Buffer {
  if (used + bytes > pool.length) {
    pool = randomFillSync(Buffer.allocUnsafeSlow(Math.max(POOL_BYTES, bytes)));
    used = 0;
  }
  used += bytes;
  return pool.subarray(used - bytes, used);
}
