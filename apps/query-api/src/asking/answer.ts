import { acceptedFormat, type Format, isFresh, MEDIA_TYPES } from '#app/http-edge';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type AnswerState, tellState } from './answer-state.js';
import { asOfDto } from './pin.js';

export const FORMATS = ['json', 'csv', 'geojson', 'ndjson'] as const;

/** What the client wants; JSON where its Accept names nothing that is offered. */
export function formatOf<F extends Format>(
  asked: F | undefined,
  request: FastifyRequest,
  offered: readonly F[],
): F | 'json' {
  return acceptedFormat(request, asked, offered) ?? 'json';
}

export interface Sending extends AnswerState {
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
  tellState(reply, sending);
  if (next !== undefined && next !== null) void reply.header('link', `<${next}>; rel="next"`);
  if (isFresh(request, reply, { identity, immutable: pinned.isImmutable })) {
    await reply.send();
    return;
  }
  void reply.header('content-type', MEDIA_TYPES[format]);
  await reply.send(typeof body === 'string' ? body : JSON.stringify(body));
}
