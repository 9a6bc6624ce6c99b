import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { EventFeed, type ToldFrom, type ToldPage } from '#app/http-edge';
import type { Pool } from 'pg';
import { readHead } from '../as-of-head.js';
import { AuditLog } from '../audit-log.js';
import { type EventFilter, listEvents } from './event-rows.js';

/** Leaves read at once: bounds what a follower holds, since each may have 60 KB. */
const PAGE = 100;

/** Those who follow the log. */
@Injectable()
export class EventFollowers extends EventFeed implements OnModuleDestroy {
  constructor({ pool }: AuditLog) {
    super(() => lastPositionOf(pool));
  }

  onModuleDestroy(): Promise<void> {
    return this.close();
  }
}

/** The leaves after a position, verbatim, as server-sent events: those that are there, and those that follow. */
export function leavesAfter(position: number, pool: Pool, filter: EventFilter): ToldFrom {
  return { event: 'leaf', position, read: (after) => readLeaves(pool, filter, after) };
}

async function readLeaves(pool: Pool, filter: EventFilter, after: number): Promise<ToldPage> {
  const head = (await lastPositionOf(pool)) ?? -1;
  if (head <= after) return { events: [], upTo: after, hasMore: false };
  const rows = await listEvents(pool, filter, { from: after + 1, head, limit: PAGE });
  const hasMore = rows.length === PAGE;
  return {
    // RFC 8785 escapes control characters: a leaf is one line.
    events: rows.map(({ position, leaf }) => ({ position, data: leaf })),
    upTo: hasMore ? (rows.at(-1)?.position ?? head) : head,
    hasMore,
  };
}

async function lastPositionOf(pool: Pool): Promise<number | null> {
  return (await readHead(pool))?.position ?? null;
}
