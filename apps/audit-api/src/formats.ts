import { acceptedFormat, type Format, MEDIA_TYPES, Problem } from '#app/http-edge';
import type { FastifyRequest } from 'fastify';

/**
 * What the client wants: `format=` says it outright, else the Accept header; JSON when it takes anything.
 * @throws Problem NOT_ACCEPTABLE
 */
export function wantedFormat<F extends Format>(
  request: FastifyRequest,
  given: F | undefined,
  offered: readonly F[],
): F {
  const format = acceptedFormat(request, given, offered);
  if (format !== null) return format;
  const types = offered.map((each) => MEDIA_TYPES[each].split(';', 1)[0]);
  throw new Problem('NOT_ACCEPTABLE', `this is offered as ${types.join(', ')}`);
}
