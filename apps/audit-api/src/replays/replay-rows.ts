import type { Pool } from 'pg';
import type { ReplayOutcome } from '#app/read-models';

/** A replay that was asked for: the figures refolded up to a position, compared with the live ones as of there. */
export interface Replay {
  id: string;
  upTo: number;
  status: 'RUNNING' | 'DONE' | 'FAILED';
  progress: { done: number; total: number };
  digests: ReplayDigest[] | null;
  /** Whether every table is the same; null until done. */
  same: boolean | null;
  error: string | null;
  startedAt: string;
  finishedAt: string | null;
}

export interface ReplayDigest {
  table: string;
  replayed: string;
  live: string;
  same: boolean;
}

interface Row {
  replay_id: string;
  up_to: number;
  status: Replay['status'];
  events_done: number;
  events_total: number;
  digests: ReplayDigest[] | null;
  error: string | null;
  started_at: Date;
  finished_at: Date | null;
}

const INSERT = `
  INSERT INTO scratch.replay (replay_id, up_to, status, events_total) VALUES ($1, $2, 'RUNNING', $3)
  ON CONFLICT DO NOTHING RETURNING *`;
const COLUMNS = 'replay_id, up_to, status, events_done, events_total, digests, error, started_at, finished_at';

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
  const digests = Object.entries(outcome.replayed).map(([table, replayed]): ReplayDigest => {
    const live = outcome.live[table as keyof typeof outcome.live];
    return { table, replayed, live, same: replayed === live };
  });
  await pool.query(
    `UPDATE scratch.replay SET status = 'DONE', events_done = events_total, digests = $2, finished_at = clock_timestamp()
      WHERE replay_id = $1`,
    [id, JSON.stringify(digests)],
  );
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
    same: row.digests === null ? null : row.digests.every(({ same }) => same),
    error: row.error,
    startedAt: row.started_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}
