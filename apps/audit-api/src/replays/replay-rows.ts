import type { Pool } from 'pg';
import type { Difference, ReadModelTable, ReplayOutcome } from '#app/read-models';

/** A replay that was asked for: the figures refolded up to a position, compared with the live ones as of there. */
export interface Replay {
  id: string;
  upTo: number;
  status: 'RUNNING' | 'DONE' | 'FAILED';
  progress: { done: number; total: number };
  digests: ReplayDigest[] | null;
  /** What the log holds of the figures at this position; null when it is no snapshot, or holds nothing yet. */
  snapshot: ReplayedSnapshot | null;
  /** What the figures of now are read from; null until done. */
  balances: ReplayedBalances | null;
  /** Whether all that could be compared is the same; null until done. */
  same: boolean | null;
  error: string | null;
  startedAt: string;
  finishedAt: string | null;
}

export interface ReplayDigest {
  table: string;
  replayed: string;
  live: string;
  /** As the log holds it; null where it does not, or where it cannot be compared. */
  recorded: string | null;
  same: boolean;
  firstDifference: ReplayDifference | null;
}

/** The first row in which a live table is not what the log says. */
export type ReplayDifference = Omit<Difference, 'table'>;

export interface ReplayedSnapshot {
  name: string;
  /** Version of the projection that made the recorded figures. */
  projection: number;
  /** Of the event that holds their digests. */
  position: number;
  /** Why they cannot be compared with what was replayed; null when they can. */
  incomparable: string | null;
}

export interface ReplayedBalances {
  /** The live checkpoint, as of which they were compared. */
  position: number;
  kept: string;
  summed: string;
  same: boolean;
  firstDifference: ReplayDifference | null;
}

interface Row {
  replay_id: string;
  up_to: number;
  status: Replay['status'];
  events_done: number;
  events_total: number;
  digests: ReplayDigest[] | null;
  snapshot: ReplayedSnapshot | null;
  balances: ReplayedBalances | null;
  error: string | null;
  started_at: Date;
  finished_at: Date | null;
}

const INSERT = `
  INSERT INTO scratch.replay (replay_id, up_to, status, events_total) VALUES ($1, $2, 'RUNNING', $3)
  ON CONFLICT DO NOTHING RETURNING *`;
const COLUMNS =
  'replay_id, up_to, status, events_done, events_total, digests, snapshot, balances, error, started_at, finished_at';

/** @returns null when one is running already: the unique index lets one through */
export async function startReplay(pool: Pool, { id, upTo }: { id: string; upTo: number }): Promise<Replay | null> {
  const { rows } = await pool.query<Row>(INSERT, [id, upTo, upTo + 1]);
  return rows[0] === undefined ? null : toReplay(rows[0]);
}

export async function findReplay(pool: Pool, id: string): Promise<Replay | null> {
  const { rows } = await pool.query<Row>(`SELECT ${COLUMNS} FROM scratch.replay WHERE replay_id = $1`, [id]);
  return rows[0] === undefined ? null : toReplay(rows[0]);
}

export async function noteProgress(pool: Pool, id: string, done: number): Promise<void> {
  await pool.query('UPDATE scratch.replay SET events_done = $2 WHERE replay_id = $1', [id, done]);
}

export async function finishReplay(pool: Pool, id: string, outcome: ReplayOutcome): Promise<void> {
  await pool.query(
    `UPDATE scratch.replay SET status = 'DONE', events_done = events_total, digests = $2, snapshot = $3, balances = $4,
            finished_at = clock_timestamp()
      WHERE replay_id = $1`,
    [id, ...[digestsOf(outcome), snapshotOf(outcome), balancesOf(outcome)].map((value) => JSON.stringify(value))],
  );
}

function digestsOf({ replayed, live, recorded, differing, differences }: ReplayOutcome): ReplayDigest[] {
  const held = recorded?.incomparable === null ? recorded.digests.tables : {};
  return (Object.entries(replayed) as [ReadModelTable, string][]).map(([table, digest]) => ({
    table,
    replayed: digest,
    live: live?.[table] ?? '',
    recorded: held[table] ?? null,
    same: !differing.includes(table),
    firstDifference: shown(differences.find((difference) => difference.table === table)),
  }));
}

function snapshotOf({ recorded }: ReplayOutcome): ReplayedSnapshot | null {
  if (recorded === null) return null;
  const { name, digests, incomparable } = recorded;
  return { name, projection: digests.projection, position: digests.position, incomparable };
}

function balancesOf({ balances }: ReplayOutcome): ReplayedBalances | null {
  if (balances === null) return null;
  const { position, kept, summed, difference } = balances;
  return { position, kept, summed, same: kept === summed, firstDifference: shown(difference) };
}

function shown(difference: Difference | null | undefined): ReplayDifference | null {
  if (difference == null) return null;
  const { kind, row, columns } = difference;
  return { kind, row, columns };
}

export async function failReplay(pool: Pool, id: string, error: string): Promise<void> {
  await pool.query(
    `UPDATE scratch.replay SET status = 'FAILED', error = $2, finished_at = clock_timestamp()
      WHERE replay_id = $1 AND status = 'RUNNING'`,
    [id, error],
  );
}

/** A replay whose process is gone will not go on: say so, and let the next one start. */
export async function failInterrupted(pool: Pool): Promise<void> {
  await pool.query(
    `UPDATE scratch.replay SET status = 'FAILED', error = 'the process that ran it ended', finished_at = clock_timestamp()
      WHERE status = 'RUNNING'`,
  );
}

function toReplay(row: Row): Replay {
  return {
    id: row.replay_id,
    upTo: row.up_to,
    status: row.status,
    progress: { done: row.events_done, total: row.events_total },
    digests: row.digests,
    snapshot: row.snapshot,
    balances: row.balances,
    same: row.digests === null ? null : row.digests.every(({ same }) => same) && row.balances?.same !== false,
    error: row.error,
    startedAt: row.started_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}
