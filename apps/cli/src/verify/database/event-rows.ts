import { type Database, DEFAULT_LOG_ID, type Leaf } from '#app/log';
import { leafHash } from '#app/transparency';

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

/** Large enough that the way to the database does not count, a few megabytes. */
const PAGE = 2000;

const READ = {
  name: 'verify-events',
  text: `SELECT position::float8, leaf, event_id, type, stream_id, stream_version, (extract(epoch FROM recorded_at) * 1000)::float8,
                ce_source, ce_id, cursor_id, source_offset::float8, report_id, revision::float8
           FROM ledger.event e WHERE log_id = $1 AND position > $2 ORDER BY e.position LIMIT ${PAGE}`,
  rowMode: 'array' as const,
};

/** All rows in the order of their positions; the next page is on its way while one is worked on. */
export async function* eventRows(db: Database): AsyncGenerator<EventRow[], void, undefined> {
  let coming = readPage(db, -1);
  for (;;) {
    const page = await coming;
    const last = page.at(-1);
    if (last === undefined) return;
    coming = page.length < PAGE ? Promise.resolve([]) : readPage(db, last.position);
    // Whoever stops early does not hear of it.
    coming.catch(() => undefined);
    yield page;
  }
}

async function readPage(db: Database, after: number): Promise<EventRow[]> {
  const { rows } = await db.query<[number, string, ...unknown[]]>({ ...READ, values: [DEFAULT_LOG_ID, after] });
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
    return { position, leaf, event: eventOf(leaf), ...extracts } as EventRow;
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

/** Runs of positions without a row are handed on in pieces: an owner can make them as long as they like. */
const HOLE = 1000;

/** Hashes of rows from position `next` on, null where there is no row. */
export function* hashesOf(rows: readonly EventRow[], next: number): Generator<(string | null)[], void, undefined> {
  let expected = next;
  let hashes: (string | null)[] = [];
  for (const { position, leaf } of rows) {
    for (; expected < position; expected++) {
      hashes.push(null);
      if (hashes.length < HOLE) continue;
      yield hashes;
      hashes = [];
    }
    hashes.push(hashText(leaf));
    expected++;
  }
  yield hashes;
}

/** The RFC 6962 hash of a leaf, as a text that can be compared. A leaf that no bundle could hold has none: it is ''. */
function hashText(leaf: string): string {
  const bytes = Buffer.from(leaf);
  return bytes.length > 65_535 ? '' : leafHash(bytes).toString('latin1');
}
