import { withTransaction } from '#app/runtime';
import type { Pool, PoolClient } from 'pg';

/** What stands between an owner and the tables: triggers that an owner can take away. */
const GUARDS = [
  ['ledger.event', 'append_only'],
  ['ledger.event_stream', 'append_only'],
  ['ledger.delivery', 'append_only'],
  ['ledger.sealed', 'append_only'],
  ['ledger.head', 'forward_only'],
  ['notary.checkpoint', 'signed_for_ever'],
  ['citation.citation', 'append_only'],
] as const;

/** Works with the rights of the owner of the tables, the guards off meanwhile, in one transaction that leaves no trace. */
export async function asOwner(pool: Pool, work: (tx: PoolClient) => Promise<void>): Promise<void> {
  await withTransaction(pool, async (tx) => {
    await tx.query('SET LOCAL ROLE ledger_owner');
    for (const [table, guard] of GUARDS) await tx.query(`ALTER TABLE ${table} DISABLE TRIGGER ${guard}`);
    await work(tx);
    for (const [table, guard] of GUARDS) await tx.query(`ALTER TABLE ${table} ENABLE ALWAYS TRIGGER ${guard}`);
  });
}

/** A place for rows on their way: in the same partition, and behind every position that a test has. */
const ASIDE = 500_000;

/** Replaces a part of a leaf, and nothing else of the row. */
export async function changeLeaf(
  tx: PoolClient,
  position: number,
  [from, to]: readonly [from: string, to: string],
): Promise<void> {
  const { rowCount } = await tx.query(
    'UPDATE ledger.event SET leaf = replace(leaf, $2, $3) WHERE position = $1 AND strpos(leaf, $2) > 0',
    [position, from, to],
  );
  if (rowCount !== 1) throw new Error(`position ${position} does not hold ${from}`);
}

export async function removeEvent(tx: PoolClient, position: number): Promise<void> {
  await tx.query('DELETE FROM ledger.event_stream WHERE position = $1', [position]);
  await tx.query('DELETE FROM ledger.event WHERE position = $1', [position]);
}

/** Each row goes to the position of the other, its leaf with it. */
export async function swapEvents(tx: PoolClient, one: number, other: number): Promise<void> {
  for (const table of ['ledger.event', 'ledger.event_stream']) {
    await tx.query(`UPDATE ${table} SET position = $1 WHERE position = $2`, [ASIDE, one]);
    await tx.query(`UPDATE ${table} SET position = $1 WHERE position = $2`, [one, other]);
    await tx.query(`UPDATE ${table} SET position = $1 WHERE position = $2`, [other, ASIDE]);
  }
}

/** Moves everything from a position on by one, up or down. */
export async function shiftEvents(tx: PoolClient, from: number, by: 1 | -1): Promise<void> {
  for (const table of ['ledger.event', 'ledger.event_stream']) {
    await tx.query(`UPDATE ${table} SET position = position + $1 WHERE position >= $2`, [ASIDE, from]);
    await tx.query(`UPDATE ${table} SET position = position - $1 + $2 WHERE position >= $1`, [ASIDE, by]);
  }
  await tx.query('UPDATE ledger.head SET next_position = next_position + $1', [by]);
}

/** An event that nobody sent: a copy of one that is there, under another id, in a stream of its own. */
export async function insertEvent(tx: PoolClient, at: number, { like }: { like: number }): Promise<void> {
  await tx.query(
    `WITH made AS (
       INSERT INTO ledger.event (log_id, position, event_id, type, stream_id, stream_version, recorded_at, leaf)
       SELECT log_id, $1::bigint, gen_random_uuid(), type, gen_random_uuid(), 1, recorded_at,
              replace(leaf, '"position":' || $2::bigint, '"position":' || $1::bigint)
         FROM ledger.event WHERE position = $2::bigint
       RETURNING log_id, stream_id, stream_version, position)
     INSERT INTO ledger.event_stream (log_id, stream_id, stream_version, position) SELECT * FROM made`,
    [at, like],
  );
}

/** Takes away everything from a position on, as if it had never been. */
export async function truncateLog(tx: PoolClient, from: number): Promise<void> {
  await tx.query('DELETE FROM ledger.event_stream WHERE position >= $1', [from]);
  await tx.query('DELETE FROM ledger.event WHERE position >= $1', [from]);
  await tx.query('DELETE FROM ledger.delivery WHERE position >= $1', [from]);
  await tx.query('UPDATE ledger.head SET next_position = $1', [from]);
}
