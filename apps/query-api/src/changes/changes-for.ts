import type { IncidentFilter } from '#app/read-models';
import type { ToldFrom } from '#app/http-edge';
import type { ReadDatabase } from '../database/read-database.js';
import { readChangeEvents } from './read-change-events.js';

/** Which changes a reader wants: all when `filter` is null; after `position`. */
export interface Wanted {
  filter: IncidentFilter | null;
  position: number;
}

/** The changes that a reader wants, as server-sent events. */
export function changesFor(database: ReadDatabase, { filter, position: begin }: Wanted): ToldFrom {
  return {
    event: 'change',
    position: begin,
    read: async (position) => {
      const { events, upTo, hasMore } = await readChangeEvents(database, position, filter);
      return {
        events: events.map((event) => ({ position: event.position, data: JSON.stringify(event) })),
        upTo,
        hasMore,
      };
    },
  };
}
