import { type Database, DEFAULT_LOG_ID, joined, type Leaf } from '#app/log';
import type { Finding, Findings } from '../findings.js';
import { eventOf, type EventRow } from './event-rows.js';

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

interface Row {
  stream_id: string;
  stream_version: number;
  expected: number;
  found: number | null;
}

/** Whether ledger.event_stream names for every event the streams that its leaf touches, and no others. */
export class StreamsCheck {
  #expected = 0;
  #last = -1;

  constructor(
    private readonly db: Database,
    private readonly findings: Findings,
  ) {}

  /** The next page of events. */
  async add(rows: readonly EventRow[]): Promise<void> {
    const wanted = rows.flatMap(({ position, event }) => streamsOf(event).map((touched) => ({ ...touched, position })));
    // What is no uuid and no version cannot be in the table; that leaf is found by its hash.
    const possible = wanted.filter(({ stream, streamVersion }) => UUID.test(stream) && isVersion(streamVersion));
    this.#expected += possible.length;
    this.#last = rows.at(-1)?.position ?? this.#last;
    if (possible.length === 0 || this.findings.isFull) return;
    const { rows: wrong } = await this.db.query<Row>({
      ...READ_EXPECTED,
      values: [
        DEFAULT_LOG_ID,
        joined(possible.map(({ stream }) => stream)),
        joined(possible.map(({ streamVersion }) => streamVersion)),
        joined(possible.map(({ position }) => position)),
      ],
    });
    this.findings.add(...wrong.map(notNamed));
  }

  /** Looks for rows that belong to no event, when there are more than there must be. */
  async finish(): Promise<void> {
    const { rows } = await this.db.query<{ count: number }>(
      'SELECT count(*)::float8 AS count FROM ledger.event_stream WHERE log_id = $1 AND position <= $2',
      [DEFAULT_LOG_ID, this.#last],
    );
    // A missing row and one too many would give the same number: then one of them was found above.
    if (rows[0]?.count === this.#expected && this.findings.list.length === 0) return;
    const { rows: others } = await this.db.query<{
      stream_id: string;
      stream_version: number;
      position: number;
      leaf: string | null;
    }>(
      `SELECT s.stream_id, s.stream_version, s.position::float8, e.leaf FROM ledger.event_stream s
         LEFT JOIN ledger.event e ON e.log_id = s.log_id AND e.position = s.position
        WHERE s.log_id = $1 AND s.position <= $2
          AND (e.stream_id, e.stream_version) IS DISTINCT FROM (s.stream_id, s.stream_version)
        ORDER BY s.position`,
      [DEFAULT_LOG_ID, this.#last],
    );
    for (const { stream_id: stream, stream_version: version, position, leaf } of others) {
      const touched = leaf === null ? [] : streamsOf(eventOf(leaf));
      if (touched.some((one) => one.stream === stream && one.streamVersion === version)) continue;
      const detail = `event_stream has version ${version} of the stream ${stream} at position ${position}, whose leaf does not touch it`;
      this.findings.add({ kind: 'STREAM', position, detail });
    }
  }
}

/** Streams that an event touches, its own first. */
function streamsOf(event: Leaf | null): { stream: string; streamVersion: number }[] {
  if (event === null) return [];
  const { stream, streamVersion, also } = event;
  return [{ stream, streamVersion }, ...(Array.isArray(also) ? also : [])];
}

function isVersion(version: unknown): boolean {
  return typeof version === 'number' && Number.isInteger(version) && version > 0 && version <= MAX_INTEGER;
}

function notNamed({ stream_id: stream, stream_version: version, expected, found }: Row): Finding {
  const there = found === null ? 'is not there' : `is said to be at position ${found}`;
  const detail = `event_stream: version ${version} of the stream ${stream} ${there}, and its leaf is at ${expected}`;
  return { kind: 'STREAM', position: expected, detail };
}
