import { CSV_CONTENT_TYPE, isFresh } from '#app/http-edge';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { asOfDto, type Pinned } from './pin.js';

export const FORMATS = ['json', 'csv', 'geojson', 'ndjson'] as const;
export type Format = (typeof FORMATS)[number];

const MEDIA_TYPES: Record<Format, string> = {
  json: 'application/json; charset=utf-8',
  csv: CSV_CONTENT_TYPE,
  geojson: 'application/geo+json; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
};

/** `format=` wins over `Accept`; JSON where neither names one of the formats. */
export function formatOf<F extends Format>(asked: F | undefined, request: FastifyRequest, offered: readonly F[]): F {
  if (asked !== undefined) return asked;
  const accept = request.headers.accept ?? '';
  const ranked = accept
    .split(',')
    .map((entry) => {
      const [type = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase());
      const quality = parameters.find((parameter) => parameter.startsWith('q='));
      return { type, quality: quality === undefined ? 1 : Number(quality.slice(2)) };
    })
    .filter(({ quality }) => quality > 0)
    .toSorted((a, b) => b.quality - a.quality);
  for (const { type } of ranked) {
    const format = offered.find((candidate) => MEDIA_TYPES[candidate].startsWith(`${type};`));
    if (format !== undefined) return format;
    if (type === '*/*' || type === 'application/*') break;
  }
  return 'json' as F;
}

/** The same address with another cursor, absolute. */
export function nextUrl(request: FastifyRequest, cursor: string | null): string | null {
  if (cursor === null) return null;
  // HTTP/1.0 needs no Host: then the address that was connected to stands for it.
  const { localAddress = '127.0.0.1', localPort = 80 } = request.socket;
  const host = request.host === '' ? `${localAddress}:${localPort}` : request.host;
  const url = new URL(`http://placeholder${request.url}`);
  url.searchParams.set('cursor', cursor);
  return `${request.protocol}://${host}${url.pathname}${url.search}`;
}

export interface Sending {
  pinned: Pinned;
  format: Format;
  /** The body as text, or a value that is sent as JSON. */
  body: unknown;
  next?: string | null;
}

/** Sends an answer with ETag, cache headers and the next page as a Link; 304 where the client has it. */
export async function sendAnswer(request: FastifyRequest, reply: FastifyReply, sending: Sending): Promise<void> {
  const { pinned, format, body, next } = sending;
  // The host is part of `next`, the address of what was asked; together with the state they fix every byte.
  const identity = [asOfDto(pinned), format, request.protocol, request.host, request.url];
  if (next !== undefined && next !== null) void reply.header('link', `<${next}>; rel="next"`);
  if (isFresh(request, reply, { identity, immutable: pinned.isImmutable })) {
    await reply.send();
    return;
  }
  void reply.header('content-type', MEDIA_TYPES[format]);
  await reply.send(typeof body === 'string' ? body : JSON.stringify(body));
}
