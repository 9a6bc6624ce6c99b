import { createHash } from 'node:crypto';
import { canonicalize } from '#app/log';

/** The digest by which anybody can check that they hold the very data that was activated: SHA-256(JCS(data)), hex. */
export function contentSha256(data: unknown): string {
  return createHash('sha256').update(canonicalize(data)).digest('hex');
}

export function textSha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
