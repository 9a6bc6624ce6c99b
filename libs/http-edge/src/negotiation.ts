import type { FastifyRequest } from 'fastify';
import { CSV_CONTENT_TYPE } from './csv.js';
import { NDJSON_CONTENT_TYPE } from './ndjson.js';

export const MEDIA_TYPES = {
  json: 'application/json; charset=utf-8',
  csv: CSV_CONTENT_TYPE,
  geojson: 'application/geo+json; charset=utf-8',
  ndjson: NDJSON_CONTENT_TYPE,
  sse: 'text/event-stream; charset=utf-8',
} as const;
export type Format = keyof typeof MEDIA_TYPES;

/**
 * The format that the client wants: `format=` wins over `Accept`, whose entries count by their weight; the first one
 * offered where the client takes anything.
 *
 * @returns null where Accept names none of those offered: the caller decides between JSON all the same and 406
 */
export function acceptedFormat<F extends Format>(
  request: Pick<FastifyRequest, 'headers'>,
  asked: F | undefined,
  offered: readonly F[],
): F | null {
  if (asked !== undefined) return asked;
  const first = offered[0] ?? null;
  const accept = request.headers.accept ?? '';
  if (accept.trim() === '') return first;
  for (const type of rankedTypes(accept)) {
    const format = offered.find((candidate) => MEDIA_TYPES[candidate].startsWith(`${type};`));
    if (format !== undefined) return format;
    if (type === '*/*' || type === 'application/*') return first;
  }
  return null;
}

/** Media ranges of an Accept header, the most wanted first. */
function rankedTypes(accept: string): string[] {
  return accept
    .split(',')
    .map((entry) => {
      const [type = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase());
      const quality = parameters.find((parameter) => parameter.startsWith('q='));
      return { type, quality: quality === undefined ? 1 : Number(quality.slice(2)) };
    })
    .filter(({ quality }) => quality > 0)
    .toSorted((a, b) => b.quality - a.quality)
    .map(({ type }) => type);
}

/** The same address with another cursor, absolute; the host is the one that the client used. */
export function nextUrl(
  request: Pick<FastifyRequest, 'host' | 'protocol' | 'url' | 'socket'>,
  cursor: string | null,
): string | null {
  if (cursor === null) return null;
  // HTTP/1.0 needs no Host: then the address that was connected to stands for it.
  const { localAddress = '127.0.0.1', localPort = 80 } = request.socket;
  const host = request.host === '' ? `${localAddress}:${localPort}` : request.host;
  const url = new URL(`http://placeholder${request.url}`);
  url.searchParams.set('cursor', cursor);
  return `${request.protocol}://${host}${url.pathname}${url.search}`;
}
