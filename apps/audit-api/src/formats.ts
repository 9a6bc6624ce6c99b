import type { FastifyRequest } from 'fastify';
import { Problem } from '#app/http-edge';

const MEDIA_TYPES = { json: 'application/json', ndjson: 'application/x-ndjson', csv: 'text/csv' } as const;
export type Format = keyof typeof MEDIA_TYPES;

/**
 * What the client wants: `format=` says it outright, else the Accept header, in its order; JSON when it takes anything.
 * @throws Problem NOT_ACCEPTABLE
 */
export function wantedFormat<F extends Format>(
  request: FastifyRequest,
  given: F | undefined,
  offered: readonly F[],
): F {
  if (given !== undefined) return given;
  const first = offered[0] as F;
  const accept = request.headers.accept;
  if (accept === undefined || accept.trim() === '') return first;
  for (const range of accept.split(',').map((part) => (part.split(';', 1)[0] ?? '').trim().toLowerCase())) {
    if (range === '*/*' || range === 'application/*') return first;
    const match = offered.find((format) => MEDIA_TYPES[format] === range);
    if (match !== undefined) return match;
  }
  throw new Problem('NOT_ACCEPTABLE', `this is offered as ${offered.map((format) => MEDIA_TYPES[format]).join(', ')}`);
}
