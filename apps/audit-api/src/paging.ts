import type { FastifyRequest } from 'fastify';

/** Absolute URL of the next page: the same request with another cursor. The host is the one the client used. */
export function nextPage(request: FastifyRequest, cursor: string): string {
  const url = new URL(request.url, `${request.protocol}://${request.host}`);
  url.searchParams.set('cursor', cursor);
  return url.href;
}

/** A cursor's sort keys here are one position. */
export function isPosition(after: readonly unknown[]): boolean {
  return after.length === 1 && typeof after[0] === 'number' && Number.isSafeInteger(after[0]);
}
