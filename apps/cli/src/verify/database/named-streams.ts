import { type Database, DEFAULT_LOG_ID, joined, type Leaf } from '#app/log';
import type { Finding } from '../findings.js';
import type { EventRow } from './event-rows.js';

const READ_EXPECTED = {
  name: 'verify-streams',
  text: `SELECT w.stream_id, w.stream_version, w.position::float8 AS expected, s.position::float8 AS found
           FROM unnest(string_to_array($2, chr(30))::uuid[], string_to_array($3, chr(30))::integer[],
                       string_to_array($4, chr(30))::bigint[]) AS w (stream_id, stream_version, position)
           LEFT JOIN ledger.event_stream s
             ON s.log_id = $1 AND s.stream_id = w.stream_id AND s.stream_version = w.stream_version
          WHERE s.position IS DISTINCT FROM w.position`,
};
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const MAX_INTEGER = 2_147_483_647;

/** What ledger.event_stream does not say as it should. */
export interface Row {
  stream_id: string;
  stream_version: number;
  expected: number;
  found: number | null;
}

/**
 * Whether ledger.event_stream names the streams that the leaves of a page touch, where the columns beside a leaf do not say
 * the same as the leaf: the rest is compared inside PostgreSQL, all at once (`checkStreams`).
 */
export class NamedStreams {
  /** How many rows of event_stream there must be for these events. */
  touched = 0;
  readonly #wanted: (Touched & { position: number })[] = [];

  add(row: EventRow): void {
    const isNamedByColumns = isAsColumns(row);
    if (isNamedByColumns) this.touched += 1;
    // Hardly any event touches more than its own stream.
    if (isNamedByColumns && row.event?.also === undefined) return;
    for (const one of streamsOf(row.event).slice(isNamedByColumns ? 1 : 0)) {
      // What is no uuid and no version cannot be in the table; that leaf is found by its hash.
      if (!UUID.test(one.stream) || !isVersion(one.streamVersion)) continue;
      this.touched += 1;
      this.#wanted.push({ ...one, position: row.position });
    }
  }

  async check(db: Database): Promise<Finding[]> {
    const wanted = this.#wanted;
    if (wanted.length === 0) return [];
    const { rows } = await db.query<Row>({
      ...READ_EXPECTED,
      values: [
        DEFAULT_LOG_ID,
        joined(wanted.map(({ stream }) => stream)),
        joined(wanted.map(({ streamVersion }) => streamVersion)),
        joined(wanted.map(({ position }) => position)),
      ],
    });
    return rows.map(notNamed);
  }
}

/** Whether the columns name the own stream of the leaf, and its version. */
export function isAsColumns({ event, stream, streamVersion }: StreamColumns): boolean {
  return event !== null && event.stream === stream && event.streamVersion === streamVersion;
}

type StreamColumns = Pick<EventRow, 'event' | 'stream' | 'streamVersion'>;

interface Touched {
  stream: string;
  streamVersion: number;
}

/** Streams that an event touches, its own first. Of a leaf that was altered, whatever can be taken for one. */
export function streamsOf(event: Leaf | null): Touched[] {
  if (event === null) return [];
  const { stream, streamVersion, also } = event;
  const further: readonly (Touched | null)[] = Array.isArray(also) ? also : [];
  return [{ stream, streamVersion }, ...further.filter((one) => one !== null)];
}

function isVersion(version: unknown): boolean {
  return typeof version === 'number' && Number.isInteger(version) && version > 0 && version <= MAX_INTEGER;
}

export function notNamed({ stream_id: stream, stream_version: version, expected, found }: Row): Finding {
  const there = found === null ? 'is not there' : `is said to be at position ${found}`;
  const detail = `event_stream: version ${version} of the stream ${stream} ${there}, and its leaf is at ${expected}`;
  return { kind: 'STREAM', position: expected, detail };
}
