import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

const FOREVER = 'public, max-age=31536000, immutable';

/**
 * Sets `etag`, `cache-control` and `vary`, and tells whether the client already has this answer.
 *
 * @param identity everything that fixes the answer: position, projection, policy, boundary set, and what was asked
 * @param keep false: no copy may be kept anywhere, not even by the caller's own browser
 * @param immutable the position was asked for, and a later event exists: this answer never changes
 * @returns true: the reply has status 304, send it without a body
 */
export function isFresh(
  request: FastifyRequest,
  reply: FastifyReply,
  { identity, immutable, keep = true }: { identity: unknown; immutable: boolean; keep?: boolean },
): boolean {
  const tag = `"${createHash('sha256').update(JSON.stringify(identity)).digest('base64url').slice(0, 27)}"`;
  reply.headers({ etag: tag, 'cache-control': cacheControl(immutable, keep), vary: 'accept' });
  if (!matches(request.headers['if-none-match'], tag)) return false;
  reply.status(304);
  return true;
}

function cacheControl(immutable: boolean, keep: boolean): string {
  if (!keep) return 'no-store';
  return immutable ? FOREVER : 'no-cache';
}

/** Weak comparison (RFC 9110 §13.1.2). */
function matches(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  return header.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === tag);
}
