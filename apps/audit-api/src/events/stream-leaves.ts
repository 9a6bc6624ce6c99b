import { Readable } from 'node:stream';
import type { Pool } from 'pg';
import { type EventFilter, listEvents, type Stretch } from './event-rows.js';

/** Of each reader who takes nothing one page stays in memory: many of them must not fill it. */
const PAGE = 100;

/** Leaves as lines, read page by page as the client takes them: memory stays flat whatever the length of the log. */
export function streamLeaves(log: Pool, filter: EventFilter, stretch: Stretch): Readable {
  return Readable.from(pages(log, filter, stretch), { objectMode: false, highWaterMark: 1 << 16 });
}

async function* pages(log: Pool, filter: EventFilter, { from, head, limit }: Stretch): AsyncGenerator<Buffer> {
  let next = from;
  let left = limit;
  while (left > 0 && next <= head) {
    const rows = await listEvents(log, filter, { from: next, head, limit: Math.min(PAGE, left) });
    if (rows.length === 0) return;
    yield Buffer.from(rows.map(({ leaf }) => `${leaf}\n`).join(''));
    left -= rows.length;
    next = (rows.at(-1)?.position ?? head) + 1;
  }
}
