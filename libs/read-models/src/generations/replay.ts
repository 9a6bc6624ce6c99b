import { randomBytes } from 'node:crypto';
import { withTransaction } from '#app/runtime';
import type { Pool } from 'pg';
import { differingTables, digests, type TableDigests } from '../digest/digests.js';
import { overridingPolicy } from './generation-target.js';
import { ProjectionTarget } from '../project/project-batch.js';
import { type Tables, tablesOf, tablesOfGeneration } from '../project/tables.js';
import type { ReadModelTable } from '../rows.js';
import { exclusively } from './exclusive.js';
import { liveGeneration } from './generation-store.js';
import { loadEvents } from './load.js';
import { type OnProgress, ProgressMeter } from './progress.js';

export interface ReplayOptions {
  /** Role ledger_audit; uses up to four connections. */
  pool: Pool;
  /** The last position to replay. */
  upTo: number;
  /** Number of the conversion policy to fold under whatever the log activates; absent: as the log says. */
  policyOverride?: number | undefined;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

export interface ReplayOutcome {
  upTo: number;
  /** Digests of the replayed tables, and of the live ones as they were at `upTo`. */
  replayed: TableDigests;
  live: TableDigests;
  /** Empty: the figures follow from the log and from nothing else. */
  differing: ReadModelTable[];
  events: number;
  seconds: number;
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
 * Folds the log up to a position into tables of its own, by the code that projects live, compares them with the live
 * ones as of that position, and drops them.
 *
 * Under another policy the tables differ where a vague word counts; `differing` then says which.
 * @throws UnknownPolicyError, ReplayBeyondFiguresError, ReplayRunningError, UnfoldableEventError, LogGapError, or the signal's reason
 */
export async function replay(options: ReplayOptions): Promise<ReplayOutcome> {
  const { position } = await liveGeneration(options.pool);
  if (options.upTo > position) throw new ReplayBeyondFiguresError(options.upTo, position);
  return exclusively(options.pool, { key: REPLAY_LOCK, busy: () => new ReplayRunningError() }, async () => {
    await dropLeftovers(options.pool);
    return replayLocked(options);
  });
}

async function replayLocked({ pool, upTo, policyOverride, onProgress, signal }: ReplayOptions): Promise<ReplayOutcome> {
  const policy = await overridingPolicy(pool, policyOverride ?? null);
  const suffix = `r${randomBytes(6).toString('hex')}`;
  const tables = tablesOf(SCHEMA, suffix);
  await pool.query("SELECT read_model.create_tables($1, $2, 'UNLOGGED')", [SCHEMA, suffix]);
  try {
    const meter = new ProgressMeter(0, upTo + 1, onProgress);
    const target = new ProjectionTarget(tables, { balanced: false, policyOverride: policy });
    const reached = await loadEvents(pool, target, {
      after: -1,
      upTo,
      signal,
      meter,
      advance: () => Promise.resolve(),
    });
    if (reached < upTo) throw new ReplayBeyondFiguresError(upTo, reached);
    meter.enter('COMPARE');
    const live = tablesOfGeneration((await liveGeneration(pool)).generation);
    const [replayed, present] = await Promise.all([digestsAt(pool, tables, upTo), digestsAt(pool, live, upTo)]);
    return {
      upTo,
      replayed,
      live: present,
      differing: differingTables(replayed, present),
      events: upTo + 1,
      seconds: meter.seconds,
    };
  } finally {
    await pool.query('SELECT read_model.drop_tables($1, $2)', [SCHEMA, suffix]);
  }
}

function digestsAt(pool: Pool, tables: Tables, upTo: number): Promise<TableDigests> {
  return withTransaction(pool, async (tx) => {
    // An API's limit on statements is for its readers; a digest takes as long as the table is large.
    await tx.query("SET LOCAL work_mem = '64MB'; SET LOCAL statement_timeout = 0");
    return digests(tx, tables, { upTo });
  });
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
