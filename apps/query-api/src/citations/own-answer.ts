import { Problem, type ProblemDocument } from '#app/http-edge';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** What a route answered, as it would be sent. */
export interface OwnAnswer {
  body: Buffer;
  mediaType: string;
  /** There is more than this page. */
  hasNext: boolean;
}

/**
 * Asks a route of this app what it would answer to the one who asks now.
 *
 * @throws Problem the one that the route answers with
 */
export async function ownAnswer(
  server: FastifyInstance,
  query: string,
  { host, id, ip, headers: { authorization } }: Pick<FastifyRequest, 'host' | 'id' | 'ip' | 'headers'>,
): Promise<OwnAnswer> {
  const headers = { host, 'x-request-id': id, ...(authorization === undefined ? {} : { authorization }) };
  const answer = await server.inject({ method: 'GET', url: query, headers, remoteAddress: ip });
  if (answer.statusCode !== 200) throw refused(answer.json<ProblemDocument>(), answer.headers['retry-after']);
  return {
    body: answer.rawPayload,
    mediaType: String(answer.headers['content-type']),
    hasNext: answer.headers['link'] !== undefined,
  };
}

function refused(document: ProblemDocument, retryAfter: number | string | string[] | undefined): Problem {
  const {
    type: _type,
    title: _title,
    status: _status,
    code,
    detail,
    instance: _instance,
    errors,
    ...members
  } = document;
  return new Problem(code, detail ?? '', {
    ...(errors === undefined ? {} : { errors }),
    ...(retryAfter === undefined ? {} : { headers: { 'retry-after': String(retryAfter) } }),
    members,
  });
}
