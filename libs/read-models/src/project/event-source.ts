import { DEFAULT_LOG_ID, type Leaf, readEvents, type RecordedRow } from '#app/log';
import type { Pool } from 'pg';
import type { LocatedEvent } from './projection-event.js';

/** Where the events of a fold come from. */
export interface EventSource {
  /** Those that follow a position, in order, at most `limit`. */
  read: (range: { after: number; limit: number }) => Promise<RecordedRow[]>;
  /**
   * The events at some positions, in the order of the positions; of reports with their leaves. Absent: they are looked up
   * in the columns of the database that is folded into.
   */
  locate?: (positions: readonly number[]) => Promise<LocatedEvent[]>;
}

/** The log of this database, by its columns. */
export function eventsInDatabase(pool: Pool): EventSource {
  return { read: (range) => readEvents(pool, range) };
}

/** A leaf, and where it is said to be. */
export interface PlacedLeaf {
  position: number;
  leaf: string;
}

/** Leaves and nothing beside them: those of this database, or of a published log. */
export interface LeafSource {
  /** Those that follow a position, in order, at most `limit`. */
  read: (range: { after: number; limit: number }) => Promise<PlacedLeaf[]>;
  /** Those at some positions, in the order of the positions. */
  at: (positions: readonly number[]) => Promise<PlacedLeaf[]>;
}

export function leavesInDatabase(pool: Pool): LeafSource {
  return {
    read: (range) => readEvents(pool, range),
    at: async (positions) => {
      const { rows } = await pool.query<PlacedLeaf>(
        `SELECT position, leaf FROM ledger.event
          WHERE log_id = $1 AND position = ANY (string_to_array($2, ',')::bigint[]) ORDER BY position`,
        [DEFAULT_LOG_ID, positions.join(',')],
      );
      return rows;
    },
  };
}

/** Events as their leaves alone tell them: whoever checks figures takes no extract on trust. */
export function eventsOfLeaves(source: LeafSource): EventSource {
  return {
    read: async (range) => (await source.read(range)).map(rowOf),
    locate: async (positions) =>
      (await source.at(positions)).map(({ position, leaf }) => {
        const { id: eventId, stream, type } = JSON.parse(leaf) as Leaf;
        return { position, eventId, stream, leaf: type === 'ReportRecorded' ? leaf : null };
      }),
  };
}

function rowOf({ position, leaf }: PlacedLeaf): RecordedRow {
  const { position: said, recordedAt, type, stream, streamVersion } = JSON.parse(leaf) as Leaf;
  if (said !== position) throw new Error(`the leaf at position ${position} says that it is at ${said}`);
  return { position, recordedAt: new Date(recordedAt), leaf, type, stream, streamVersion };
}
