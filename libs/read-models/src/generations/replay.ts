import { randomBytes } from 'node:crypto';
import { readSealedSnapshots, type SealedSnapshot } from '#app/log';
import type { Pool } from 'pg';
import { eventsOfLeaves, type LeafSource, leavesInDatabase } from '../project/event-source.js';
import { ProjectionTarget } from '../project/project-batch.js';
import { tablesOf } from '../project/tables.js';
import { compareReplayed, digestsAt } from './compare-live.js';
import { overridingPolicy } from './generation-target.js';
import { exclusively } from './exclusive.js';
import { liveGeneration } from './generation-store.js';
import { loadEvents } from './load.js';
import { type OnProgress, ProgressMeter } from './progress.js';
import { differingFrom, recordedAt, type ReplayOutcome } from './replay-outcome.js';

export interface ReplayedLog {
  leaves: LeafSource;
  snapshots: readonly SealedSnapshot[];
  /** Whether this database has live figures of it. */
  isLiveHere: boolean;
}

export interface ReplayOptions {
  /** Role ledger_audit; uses up to four connections. */
  pool: Pool;
  /** The last position to replay. */
  upTo: number;
  /** Number of the conversion policy to fold under whatever the log activates; absent: as the log says. */
  policyOverride?: number | undefined;
  /** A log that is elsewhere; absent: that of this database. */
  log?: ReplayedLog;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/** The live figures have not reached the position: there is nothing to compare with yet. */
export class ReplayBeyondFiguresError extends Error {
  constructor(
    readonly upTo: number,
    readonly position: number,
  ) {
    super(`the figures are at position ${position}: a replay up to ${upTo} has nothing to be compared with`);
    this.name = 'ReplayBeyondFiguresError';
  }
}

export class ReplayRunningError extends Error {
  constructor() {
    super('another replay is running');
    this.name = 'ReplayRunningError';
  }
}

const SCHEMA = 'scratch';
/** Arbitrary, constant: one replay at a time, so that whatever tables are found at its start belong to nobody. */
const REPLAY_LOCK = 4_711_003;

/**
 * Folds the leaves of the log up to a position into tables of its own, by the code that projects live, compares them with
 * the live ones as of that position and, at a snapshot, with the digests that the log holds, and drops them.
 *
 * Under another policy the tables differ where a vague word counts; `differing` then says which.
 * @throws UnknownPolicyError, ReplayBeyondFiguresError, ReplayRunningError, UnfoldableEventError, LogGapError, or the signal's reason
 */
export async function replay(options: ReplayOptions): Promise<ReplayOutcome> {
  if (options.log?.isLiveHere !== false) {
    const { position } = await liveGeneration(options.pool);
    if (options.upTo > position) throw new ReplayBeyondFiguresError(options.upTo, position);
  }
  return exclusively(options.pool, { key: REPLAY_LOCK, busy: () => new ReplayRunningError() }, async () => {
    await dropLeftovers(options.pool);
    return replayLocked(options);
  });
}

async function replayLocked(options: ReplayOptions): Promise<ReplayOutcome> {
  const { pool, upTo, policyOverride, onProgress, signal, log } = options;
  const policy = await overridingPolicy(pool, policyOverride ?? null);
  const suffix = `r${randomBytes(6).toString('hex')}`;
  const tables = tablesOf(SCHEMA, suffix);
  await pool.query("SELECT read_model.create_tables($1, $2, 'UNLOGGED')", [SCHEMA, suffix]);
  try {
    const meter = new ProgressMeter(0, upTo + 1, onProgress);
    const target = new ProjectionTarget(tables, { balanced: false, policyOverride: policy });
    const reached = await loadEvents(pool, target, {
      source: eventsOfLeaves(log?.leaves ?? leavesInDatabase(pool)),
      after: -1,
      upTo,
      signal,
      meter,
      advance: () => Promise.resolve(),
    });
    if (reached < upTo) throw new ReplayBeyondFiguresError(upTo, reached);
    meter.enter('COMPARE');
    const snapshots = log?.snapshots ?? (await readSealedSnapshots(pool)).list();
    const compared =
      log?.isLiveHere === false
        ? { replayed: await digestsAt(pool, tables, upTo), live: null, differences: [], balances: null }
        : await compareReplayed(pool, tables, upTo);
    const recorded = recordedAt(upTo, snapshots, policy !== null);
    const differing = differingFrom({ ...compared, recorded });
    return { upTo, ...compared, recorded, differing, events: upTo + 1, seconds: meter.seconds };
  } finally {
    await pool.query('SELECT read_model.drop_tables($1, $2)', [SCHEMA, suffix]);
  }
}

/** Tables of a replay whose process was killed. */
async function dropLeftovers(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ suffix: string }>(
    String.raw`SELECT substring(tablename FROM '^report_(r[0-9a-f]{12})$') AS suffix FROM pg_tables
                WHERE schemaname = $1 AND tablename ~ '^report_r[0-9a-f]{12}$'`,
    [SCHEMA],
  );
  for (const { suffix } of rows) await pool.query('SELECT read_model.drop_tables($1, $2)', [SCHEMA, suffix]);
}
