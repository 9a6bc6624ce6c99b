import type { FastifyReply } from 'fastify';

/**
 * What was sent to one caller must not be given to another by a cache in between, which would not ask for a token
 * (RFC 9111 §3.5). Whatever a route says of caching holds for the caller's own cache.
 */
export function keepPrivate(reply: FastifyReply): void {
  const said = reply.getHeader('cache-control');
  const directives = (typeof said === 'string' ? said : 'no-cache')
    .split(',')
    .map((directive) => directive.trim())
    .filter((directive) => directive !== 'public' && directive !== 'private');
  if (!directives.includes('no-store')) directives.unshift('private');
  const vary = [reply.getHeader('vary') ?? []].flat().join(', ');
  void reply.headers({
    'cache-control': directives.join(', '),
    vary: vary === '' ? 'authorization' : `${vary}, authorization`,
  });
}
