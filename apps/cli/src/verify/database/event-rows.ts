import { type Database, DEFAULT_LOG_ID, type Leaf } from '#app/log';
import { HASH_BYTES, leafHashes, TILE_WIDTH } from '#app/transparency';

/** A row of ledger.event, as it is. */
export interface EventRow {
  position: number;
  leaf: string;
  /** What the leaf says; null when it is not JSON. Nothing in it can be relied upon. */
  event: Leaf | null;
  eventId: string;
  type: string;
  stream: string;
  streamVersion: number;
  /** Milliseconds. */
  recordedAt: number;
  ceSource: string | null;
  ceId: string | null;
  cursor: number | null;
  offset: number | null;
  reportId: string | null;
  revision: number | null;
}

/** Positions from `from` to before `to`; to the end of the log where that is null, as far as one page goes. */
export interface RowSpan {
  from: number;
  to: number | null;
}

/** A row whose leaf was not read as an event yet: whoever parses a whole page has more alive than the collector can bear. */
export type StoredRow = Omit<EventRow, 'event'>;

/** Large enough that the way to the database does not count; whole bundles. */
export const PAGE = 2 * TILE_WIDTH;
const BEHIND_ALL = '9223372036854775807';

const READ = {
  name: 'verify-events',
  text: `SELECT position::float8, leaf, event_id, type, stream_id, stream_version, (extract(epoch FROM recorded_at) * 1000)::float8,
                ce_source, ce_id, cursor_id, source_offset::float8, report_id, revision::float8
           FROM ledger.event e WHERE log_id = $1 AND position >= $2 AND position < $3 ORDER BY e.position LIMIT ${PAGE}`,
  rowMode: 'array' as const,
};

/** The rows of a span in the order of their positions. */
export async function readRows(db: Database, { from, to }: RowSpan): Promise<StoredRow[]> {
  const values = [DEFAULT_LOG_ID, from, to ?? BEHIND_ALL];
  const { rows } = await db.query<[number, string, ...unknown[]]>({ ...READ, values });
  return rows.map(([position, leaf, ...columns]) => {
    const [eventId, type, stream, streamVersion, recordedAt, ceSource, ceId, cursor, offset, reportId, revision] =
      columns;
    const extracts = {
      eventId,
      type,
      stream,
      streamVersion,
      recordedAt,
      ceSource,
      ceId,
      cursor,
      offset,
      reportId,
      revision,
    };
    return { position, leaf, ...extracts } as StoredRow;
  });
}

/** A leaf as an event, without a look at whether it is one; null when it is no JSON object. */
export function eventOf(leaf: string): Leaf | null {
  try {
    const event = JSON.parse(leaf) as Leaf | null;
    return typeof event === 'object' ? event : null;
  } catch {
    return null;
  }
}

/** A leaf that no bundle could hold has no hash: it is all zeros, which no leaf has. */
export function hashesOf(rows: readonly StoredRow[]): Buffer {
  const leaves = rows.map(({ leaf }) => Buffer.from(leaf));
  const hashes = leafHashes(leaves.map((leaf) => (leaf.length > LONGEST_LEAF ? leaf.subarray(0, 0) : leaf)));
  for (const [index, leaf] of leaves.entries()) {
    if (leaf.length > LONGEST_LEAF) hashes.fill(0, index * HASH_BYTES, (index + 1) * HASH_BYTES);
  }
  return hashes;
}

const LONGEST_LEAF = 65_535;
