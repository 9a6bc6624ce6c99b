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
