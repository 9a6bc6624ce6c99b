import { DEFAULT_LOG_ID } from '#app/log';
import { TILE_WIDTH } from '#app/transparency';
import type { Pool, PoolClient } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { type CopyRow, CopyRows } from './copy-rows.js';
import { frameRun, type LeafRun } from './leaf-run.js';
import { Refusal } from './refusal.js';

/** Positions from `from` to before `to`. */
export interface Span {
  from: number;
  to: number;
}

/** Of one statement: few enough that a slow disk does not bring it near the statement's time limit. */
const PAGE = 16_384;

/**
 * The leaves of a span, in order, in runs that end where an entry bundle does. What the reader does not take yet stays in
 * PostgreSQL.
 *
 * @throws Refusal `LOG_INCOMPLETE` when a position is missing
 */
export async function* readLeaves(pool: Pool, { from, to }: Span): AsyncGenerator<LeafRun, void, undefined> {
  for (let start = from; start < to; start += PAGE) {
    yield* readPage(pool, { from: start, to: Math.min(start + PAGE, to) });
  }
}

async function* readPage(pool: Pool, { from, to }: Span): ReturnType<typeof readLeaves> {
  const client = await pool.connect();
  let failure: Error | undefined = new Error('the reader left early');
  const ignore = (): void => undefined; // the stream, or the next statement, tells of it
  client.on('error', ignore);
  let next = from;
  try {
    for await (const row of copy(client, { from, to })) {
      const end = Math.min(to, next + TILE_WIDTH - (next % TILE_WIDTH));
      if (row.from !== next) throw new Error(`the copy of the log goes on at ${row.from}, not at ${next}`);
      if (row.lengths.length !== end - next) throw await missing(pool, { from: next, to: end });
      yield frameRun(next, row.pieces, row.lengths);
      next = end;
    }
    if (next !== to) throw new Error(`the copy of the log ends at ${next}, not at ${to}`);
    failure = undefined;
  } finally {
    client.removeListener('error', ignore);
    // A copy that was not read to its end leaves a connection that is good for nothing.
    client.release(failure);
  }
}

/**
 * One row for each bundle, laid out as the bundle will be: two bytes before each leaf are room for its length, which before
 * the first one the format itself has (CopyRow). A row for each leaf costs four times as much here, in objects and in
 * copying (docs/performance.md, Proof).
 */
async function* copy(client: PoolClient, { from, to }: Span): AsyncGenerator<CopyRow, void, undefined> {
  // COPY takes no parameters; all of them are numbers.
  const stream: AsyncIterable<Buffer> = client.query(
    copyTo(`COPY (
      SELECT run.start, leaves.lengths, leaves.bytes
        FROM (SELECT greatest(bundle, ${from}) AS start, least(bundle + ${TILE_WIDTH}, ${to}) AS until
                FROM generate_series(${from - (from % TILE_WIDTH)}::bigint, ${to - 1}::bigint, ${TILE_WIDTH}) AS bundle
               ORDER BY bundle) AS run,
             LATERAL (SELECT array_agg(octet_length(e.leaf) ORDER BY e.position) AS lengths,
                             string_agg(e.leaf, '  ' ORDER BY e.position) AS bytes
                        FROM ledger.event e
                       WHERE e.log_id = ${DEFAULT_LOG_ID} AND e.position >= run.start AND e.position < run.until) AS leaves
      ) TO STDOUT (FORMAT binary)`),
  );
  const rows = new CopyRows();
  // `yield*` would take a turn of the event loop for every chunk that completes no row.
  for await (const chunk of stream) for (const row of rows.read(chunk)) yield row;
  rows.end();
}

/** The first position of a span that the log has no row for. */
async function missing(pool: Pool, { from, to }: Span): Promise<Error> {
  const { rows } = await pool.query<{ position: number }>(
    `SELECT p.position::float8 AS position FROM generate_series($2::bigint, $3::bigint - 1) AS p(position)
      WHERE NOT EXISTS (SELECT FROM ledger.event e WHERE e.log_id = $1 AND e.position = p.position)
      ORDER BY p.position LIMIT 1`,
    [DEFAULT_LOG_ID, from, to],
  );
  const [first] = rows;
  if (first === undefined) return new Error(`the log has changed between ${from} and ${to} while it was read`);
  return new Refusal(
    'LOG_INCOMPLETE',
    `position ${first.position} is missing in the log. Positions are dense: a row was removed. Restore the database from a backup`,
  );
}
