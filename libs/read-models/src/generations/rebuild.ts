import { PROJECTION_VERSION } from '#app/domain';
import { withTransaction } from '#app/runtime';
import type { ClientBase, Pool } from 'pg';
import type { TableChecksums } from '../digest/digests.js';
import { type GenerationRow, type ReadModelTable } from '../rows.js';
import { addIndexes, eventsInLog, sumBalances } from './build-steps.js';
import { compareFurther, type Comparison, compareWithLive, type LiveSide, lookAtLive } from './comparison.js';
import { exclusively } from './exclusive.js';
import { overridingPolicy, targetOf } from './generation-target.js';
import {
  createGeneration,
  dropGeneration,
  generations,
  liveGeneration,
  liveOf,
  moveCheckpoint,
} from './generation-store.js';
import { loadEvents } from './load.js';
import type { ProjectionTarget } from '../project/project-batch.js';
import { type OnProgress, ProgressMeter } from './progress.js';
import { RebuildDiffersError, RebuildRunningError } from './rebuild-errors.js';
import { switchOver } from './switch-over.js';

export interface RebuildOptions {
  /** Role ledger_projector; uses up to five connections. */
  pool: Pool;
  onProgress?: OnProgress;
  signal?: AbortSignal;
  /** Throw away what an interrupted rebuild has left instead of resuming it. */
  fresh?: boolean;
  /** Switch even when the rebuilt tables differ from the live ones: the way out when the live ones are damaged. */
  acceptDifferences?: boolean;
  /**
   * Number of the conversion policy to fold under from now on, whatever the log activates; null: as the log says again.
   * Absent: as the live figures are. Figures under another policy are not comparable: nothing is compared then.
   */
  policyOverride?: number | null | undefined;
}

export interface RebuildResult {
  generation: number;
  replaced: number;
  /** The checkpoint of the new generation at the switch. */
  position: number;
  /** Events projected by this run, and how long it took from the first read to the switch. */
  events: number;
  seconds: number;
  /** Position at which an interrupted rebuild was taken up; null for one from the beginning. */
  resumedAfter: number | null;
  /** Checksums as of `comparedAt`, and the tables whose live checksum differs; null when the versions are not comparable. */
  comparedAt: number | null;
  checksums: TableChecksums | null;
  differing: ReadModelTable[];
}

/** Arbitrary, constant: one rebuild at a time in a database. */
const REBUILD_LOCK = 4_711_002;

/**
 * Fills a new generation beside the live one from the log, proves that both hold the same rows, and switches readers to
 * it in one transaction, while events keep arriving. Resumes what an interrupted rebuild has left.
 *
 * @throws UnknownPolicyError, RebuildRunningError, RebuildDiffersError, UnfoldableEventError, LogGapError, or the signal's reason
 */
export async function rebuild(options: RebuildOptions): Promise<RebuildResult> {
  const lock = { key: REBUILD_LOCK, busy: () => new RebuildRunningError() };
  return exclusively(options.pool, lock, () => rebuildLocked(options));
}

async function rebuildLocked(options: RebuildOptions): Promise<RebuildResult> {
  const building = await buildingGeneration(options.pool, options);
  const present = await liveGeneration(options.pool);
  const failed = new AbortController();
  const signal = AbortSignal.any([failed.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  // While the figures are loaded the server has time for it.
  const live = lookAtLive(options.pool, { live: present, building }, signal);
  // It is awaited after the load; until then a failure is nobody's.
  live.catch(() => undefined);
  try {
    return await fillAndSwitch(options, { building, live, signal });
  } catch (error) {
    failed.abort(error);
    await live.catch(() => undefined);
    throw error;
  }
}

async function fillAndSwitch(
  options: RebuildOptions,
  { building, live, signal }: { building: GenerationRow; live: Promise<LiveSide | null>; signal: AbortSignal },
): Promise<RebuildResult> {
  const { pool } = options;
  const target = await targetOf(pool, building);
  const meter = new ProgressMeter(building.position + 1, await eventsInLog(pool), options.onProgress);
  const load = (after: number, upTo?: number): Promise<number> =>
    loadEvents(pool, target, {
      after,
      signal,
      meter,
      advance: advancing(building.generation),
      ...(upTo === undefined ? {} : { upTo }),
    });

  let position = await load(building.position);
  meter.enter('INDEX');
  const reached = position;
  // All only read what was loaded, and two at a time keep both cores of the server busy.
  const [comparison] = await Promise.all([
    sumAndCompare(pool, { building, target, live, reached }),
    addIndexes(pool, building.generation),
  ]);
  position = await load(position);
  signal.throwIfAborted();

  meter.enter('COMPARE');
  const { tables } = target;
  const further = comparison && (await compareFurther(pool, comparison, { tables, reached: position }));
  refuseDifferences(further, options);
  // What arrived during the comparison is loaded before the lock, so that the lock is short.
  position = await load(position);
  meter.enter('SWITCH');
  const switched = await switchOver(pool, {
    building,
    target,
    position,
    comparison: further,
    acceptDifferences: options.acceptDifferences ?? false,
  });
  await dropRetired(pool);
  return {
    generation: building.generation,
    replaced: switched.replaced,
    position: switched.position,
    events: switched.position + 1 - meter.first,
    seconds: meter.seconds,
    resumedAfter: building.position >= 0 ? building.position : null,
    comparedAt: comparison?.position ?? null,
    checksums: comparison?.rebuilt ?? null,
    differing: further?.differing ?? [],
  };
}

interface Loaded {
  building: GenerationRow;
  target: ProjectionTarget;
  live: Promise<LiveSide | null>;
  /** The position up to which it is loaded. */
  reached: number;
}

async function sumAndCompare(pool: Pool, { building, target, live, reached }: Loaded): Promise<Comparison | null> {
  if (!target.balanced) await sumBalances(pool, target, building.generation);
  const side = await live;
  return side && compareWithLive(pool, { tables: target.tables, live: side, reached });
}

/** The generation to fill: what an interrupted rebuild left if it fits and is wanted, else a new one. */
async function buildingGeneration(pool: Pool, { fresh, policyOverride }: RebuildOptions): Promise<GenerationRow> {
  return withTransaction(pool, async (tx) => {
    const all = await generations(tx);
    const override = policyOverride === undefined ? liveOf(all).policy_override : policyOverride;
    // Before anything is dropped or made for a policy that nobody knows.
    await overridingPolicy(tx, override);
    const left = all.filter(({ status }) => status === 'BUILDING');
    const resumable = left.find((row) => row.projection === PROJECTION_VERSION && row.policy_override === override);
    const resumed = fresh === true ? undefined : resumable;
    for (const { generation } of left) if (generation !== resumed?.generation) await dropGeneration(tx, generation);
    return resumed ?? (await createGeneration(tx, override));
  });
}

const advancing =
  (generation: number) =>
  async (tx: ClientBase, page: { after: number; last: number }, policy: number): Promise<void> => {
    const moved = await moveCheckpoint(tx, generation, { from: page.after, to: page.last, policy });
    if (!moved) throw new RebuildRunningError();
  };

function refuseDifferences(comparison: Comparison | null, { acceptDifferences }: RebuildOptions): void {
  if (comparison === null || comparison.differing.length === 0 || acceptDifferences === true) return;
  throw new RebuildDiffersError(comparison.differing, comparison.comparedUpTo);
}

/** Keeps the generation that was just replaced: a reader may be in the middle of it. */
async function dropRetired(pool: Pool): Promise<void> {
  const retired = (await generations(pool))
    .filter(({ status }) => status === 'RETIRED')
    .map(({ generation }) => generation);
  for (const generation of retired.slice(0, -1)) {
    await withTransaction(pool, (tx) => dropGeneration(tx, generation));
  }
}
