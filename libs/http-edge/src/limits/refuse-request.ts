import type { FastifyRequest } from 'fastify';
import { Problem } from '../problem.js';

/**
 * A compressed body says nothing of its size: a few kilobytes can become gigabytes. None is taken.
 *
 * @throws Problem UNSUPPORTED_ENCODING
 */
export function refuseEncoding({ method, headers }: FastifyRequest): void {
  if (method === 'GET' || method === 'HEAD') return;
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? '';
  if (encoding === '' || encoding === 'identity') return;
  throw new Problem('UNSUPPORTED_ENCODING', 'send the body as it is, not compressed', {
    headers: { 'accept-encoding': 'identity' },
  });
}

/** A name or an address, and a port. */
const HOST = /^(\[[0-9a-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i;

/**
 * The host goes into the addresses of answers (`next`, the header Link), where anything else would end them early.
 *
 * @throws Problem BAD_REQUEST
 */
export function refuseHost({ host }: FastifyRequest): void {
  // HTTP/1.0 needs none.
  if (host === '' || HOST.test(host)) return;
  throw new Problem('BAD_REQUEST', 'the header Host is not a host');
}
