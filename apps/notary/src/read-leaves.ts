import { DEFAULT_LOG_ID } from '#app/log';
import type { Pool, PoolClient } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { CopyRows, type LeafRow } from './copy-rows.js';
import { Refusal } from './refusal.js';

/** Positions from `from` to before `to`. */
export interface Span {
  from: number;
  to: number;
}

/** Of one statement: few enough that a slow disk does not bring it near the statement's time limit. */
const PAGE = 16_384;

/**
 * The leaves of a span as bytes, in order, some hundred at a time. What the reader does not take yet stays in PostgreSQL.
 *
 * @throws Refusal `LOG_INCOMPLETE` when a position is missing
 */
export async function* readLeaves(pool: Pool, { from, to }: Span): AsyncGenerator<Buffer[], void, undefined> {
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
    for await (const rows of copy(client, { from, to })) {
      for (const { position } of rows) {
        if (position !== next) throw missing(next);
        next += 1;
      }
      yield rows.map(({ leaf }) => leaf);
    }
    if (next !== to) throw missing(next);
    failure = undefined;
  } finally {
    client.removeListener('error', ignore);
    // A copy that was not read to its end leaves a connection that is good for nothing.
    client.release(failure);
  }
}

async function* copy(client: PoolClient, { from, to }: Span): AsyncGenerator<LeafRow[], void, undefined> {
  // COPY takes no parameters; all three are numbers.
  const stream: AsyncIterable<Buffer> = client.query(
    copyTo(`COPY (
      SELECT e.position, e.leaf FROM ledger.event e
       WHERE e.log_id = ${DEFAULT_LOG_ID} AND e.position >= ${from} AND e.position < ${to}
       ORDER BY e.position) TO STDOUT (FORMAT binary)`),
  );
  const rows = new CopyRows();
  for await (const chunk of stream) {
    const complete = rows.read(chunk);
    if (complete.length > 0) yield complete;
  }
  rows.end();
}

function missing(position: number): Refusal {
  return new Refusal(
    'LOG_INCOMPLETE',
    `position ${position} is missing in the log. Positions are dense: a row was removed. Restore the database from a backup`,
  );
}
