import { PROJECTION_VERSION } from '#app/domain';
import { withTransaction } from '#app/runtime';
import type { ClientBase, Pool } from 'pg';
import { liveGeneration } from '../generations/generation-store.js';
import { tablesOfGeneration } from '../project/tables.js';
import { type GenerationRow, READ_MODEL_TABLES } from '../rows.js';
import { digestOf, type TableDigests } from './digests.js';
import { stoppable } from './stoppable.js';

/** What a look at the live figures came to. */
export type SnapshotDigested =
  | { kind: 'DIGESTED'; projection: number; tables: TableDigests }
  /** The figures have not come so far. */
  | { kind: 'BEHIND'; position: number }
  /** Another process digests at this moment. */
  | { kind: 'BUSY' }
  /** The live figures are not what the log and this version make of it: a rebuild is due, or holds them under a policy. */
  | { kind: 'HELD'; reason: string };

export interface SnapshotRange {
  upTo: number;
  signal?: AbortSignal | undefined;
}

/** Arbitrary, constant: one process at a time, since it costs the database a look at every row. */
const LOCK = 4_711_005;

/** Beside the projection and the readers: one worker, and memory for the sums of one bucket. */
const SETTINGS = `
  SET LOCAL work_mem = '32MB'; SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off;
  SET LOCAL statement_timeout = 0`;

/**
 * Digests of the live figures as of a position: what `SnapshotSealed` records. They do not depend on what came later, nor
 * on which generation is live; only on the log and on the version of the projection.
 *
 * @param pool role ledger_projector; uses one connection, and a second one to stop the first when `signal` says so
 * @throws what the database throws; also when the generation was replaced and dropped meanwhile: ask again
 */
export function digestSnapshot(pool: Pool, { upTo, signal }: SnapshotRange): Promise<SnapshotDigested> {
  return withTransaction(pool, async (tx) => {
    await tx.query(SETTINGS);
    const { rows } = await tx.query<{ locked: boolean; pid: number }>(
      'SELECT pg_try_advisory_xact_lock($1) AS locked, pg_backend_pid() AS pid',
      [LOCK],
    );
    const [own] = rows;
    if (own?.locked !== true) return { kind: 'BUSY' };
    const live = await liveGeneration(tx);
    const reason = reasonToHold(live);
    if (reason !== null) return { kind: 'HELD', reason };
    if (live.position < upTo) return { kind: 'BEHIND', position: live.position };
    const tables = await stoppable({ pool, pid: own.pid, signal }, () =>
      digestsOf(tx, live.generation, { upTo, signal }),
    );
    return { kind: 'DIGESTED', projection: live.projection, tables };
  });
}

function reasonToHold({ projection, policy_override: policy }: GenerationRow): string | null {
  if (projection !== PROJECTION_VERSION) {
    return `the live figures were made by projection ${projection}, this is ${PROJECTION_VERSION}: rebuild them`;
  }
  return policy === null ? null : `the live figures are held under policy ${policy}, whatever the log activates`;
}

async function digestsOf(tx: ClientBase, generation: number, { upTo, signal }: SnapshotRange): Promise<TableDigests> {
  const tables = tablesOfGeneration(generation);
  // Whoever drops a generation waits at its moments first, and holds nothing that this needs.
  await tx.query(`SELECT FROM ${tables.moment} LIMIT 1`);
  const found = {} as TableDigests;
  for (const table of READ_MODEL_TABLES) {
    signal?.throwIfAborted();
    found[table] = await digestOf(tx, table, { tables, range: { upTo } });
  }
  return found;
}
