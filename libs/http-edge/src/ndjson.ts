import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

export const NDJSON_CONTENT_TYPE = 'application/x-ndjson; charset=utf-8';

/**
 * Sends rows as newline-delimited JSON while they are read: the next page is asked for when the client has taken the
 * last one, and reading stops when the client goes away. A failure in the middle breaks the connection, so that a cut
 * answer is never taken for a whole one.
 */
export async function sendNdjson(reply: FastifyReply, pages: AsyncIterable<readonly unknown[]>): Promise<void> {
  const stream = Readable.from(lines(pages), { objectMode: false, highWaterMark: 1 << 16 });
  await reply.header('content-type', NDJSON_CONTENT_TYPE).send(stream);
}

async function* lines(pages: AsyncIterable<readonly unknown[]>): AsyncGenerator<Buffer> {
  for await (const page of pages) {
    if (page.length > 0) yield Buffer.from(page.map((row) => `${JSON.stringify(row)}\n`).join(''));
  }
}
