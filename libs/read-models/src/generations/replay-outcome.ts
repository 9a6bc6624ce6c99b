import type { RecordedDigests, SealedSnapshot } from '#app/log';
import { PROJECTION_VERSION } from '#app/domain';
import { differingTables, DIGEST_ALGORITHM, type TableDigests } from '../digest/digests.js';
import type { Difference } from '../digest/first-difference.js';
import { READ_MODEL_TABLES, type ReadModelTable } from '../rows.js';

export interface ReplayOutcome {
  upTo: number;
  /** Digests of the replayed tables. */
  replayed: TableDigests;
  /** Of the live ones as they were at `upTo`; null when there are none (a published log). */
  live: TableDigests | null;
  /** What the log says that they were; null when `upTo` is no snapshot, or its digests are not recorded. */
  recorded: RecordedSnapshot | null;
  /** The kept balances against the sum of all postings, as of the live checkpoint; null when there are none. */
  balances: KeptBalances | null;
  /** Tables as of `upTo` that are not what the log says. Empty: they follow from the log and from nothing else. */
  differing: ReadModelTable[];
  /** Where the live tables begin to differ: one row of each table. */
  differences: Difference[];
  events: number;
  seconds: number;
}

export interface RecordedSnapshot {
  name: string;
  digests: RecordedDigests;
  /** Why they cannot be compared with what this version folds; null when they can. */
  incomparable: string | null;
}

/** Of the balances; where these are right and the sums of the pairs that stand are not, of those. */
export interface KeptBalances {
  position: number;
  kept: string;
  summed: string;
  /** Null when both are the same. */
  difference: Difference | null;
}

/** @param isUnderPolicy the fold was under another policy than the log says */
export function recordedAt(
  upTo: number,
  snapshots: readonly SealedSnapshot[],
  isUnderPolicy: boolean,
): RecordedSnapshot | null {
  const snapshot = snapshots.find(({ position }) => position === upTo);
  if (snapshot?.digests == null) return null;
  const { name, digests } = snapshot;
  return { name, digests, incomparable: isUnderPolicy ? 'the replay is under another policy' : incomparable(digests) };
}

function incomparable({ projection, algorithm }: RecordedDigests): string | null {
  if (algorithm !== DIGEST_ALGORITHM) return `they were made by ${algorithm}, this version has ${DIGEST_ALGORITHM}`;
  if (projection === PROJECTION_VERSION) return null;
  return `they are of projection ${projection}, this version folds by ${PROJECTION_VERSION}: use the release that has it`;
}

/** Tables whose replayed digests differ from the live ones or from those that the log holds. */
export function differingFrom({
  replayed,
  live,
  recorded,
}: Pick<ReplayOutcome, 'replayed' | 'live' | 'recorded'>): ReadModelTable[] {
  const differing = new Set<ReadModelTable>(live === null ? [] : differingTables(replayed, live));
  if (recorded?.incomparable === null) {
    for (const table of differingTables(replayed, recorded.digests.tables)) differing.add(table);
  }
  return READ_MODEL_TABLES.filter((table) => differing.has(table));
}

/** Whether everything that could be compared is the same. */
export function isSame({ differing, balances }: Pick<ReplayOutcome, 'differing' | 'balances'>): boolean {
  return differing.length === 0 && (balances === null || balances.kept === balances.summed);
}
