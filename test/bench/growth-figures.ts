import { incidentIdOf, joined } from '#app/log';
import { addIndexes, ProjectionTarget, sumBalances, type Tables, tablesOfGeneration } from '#app/read-models';
import { createPool, withTransaction } from '#app/runtime';
import type { Pool, PoolClient } from 'pg';
import {
  createGeneration,
  dropGeneration,
  generations,
} from '../../libs/read-models/src/generations/generation-store.js';
import { loadEvents } from '../../libs/read-models/src/generations/load.js';
import { ProgressMeter } from '../../libs/read-models/src/generations/progress.js';
import { BALANCE_SUMS } from '../../libs/read-models/src/project/balance-sums.js';
import { BALANCE_CODES } from '../../libs/read-models/src/project/balances-of-postings.js';
import { momentsOf } from './growth-log.js';
import { BLOCKS, type GrownWorld, monthOfBlock, refInBlock } from './growth-world.js';
import { SYSTEM_EVENTS } from './system.js';

const CHUNK = 20_000;

interface Figuring {
  url: string;
  world: GrownWorld;
  /** When the log was made: milliseconds since 1970. */
  createdAt: number;
  say: (text: string) => void;
}

/**
 * Fills the read model: the first block as a rebuild does, by the product's own projection of the log; the versions of each
 * further one as copies of those rows under its own incidents, months and positions, and the balances as the sums of the
 * postings of the first block, once for each block in its months, which is what the projection would write. Reports,
 * postings and candidate duplicates are those of the first block alone: no current figure reads them.
 */
export async function growFigures({ url, world, createdAt, say }: Figuring): Promise<void> {
  const pool = createPool(url, { role: 'ledger_projector', max: 4, applicationName: 'bench grow' });
  const { generation } = await withTransaction(pool, async (tx) => {
    const leftHalfWay = (await generations(tx)).filter(({ status }) => status === 'BUILDING');
    for (const { generation: left } of leftHalfWay) await dropGeneration(tx, left);
    return createGeneration(tx, null);
  });
  const tables = tablesOfGeneration(generation);
  const last = SYSTEM_EVENTS + world.blockSize - 1;
  const meter = new ProgressMeter(0, last + 1, spaced(say));
  const target = new ProjectionTarget(tables, { balanced: false });
  await loadEvents(pool, target, { after: -1, upTo: last, meter, advance: () => Promise.resolve() });
  await copyBlocks(url, { tables, generation, world, say });
  say('figures: indexes …');
  await addIndexes(pool, generation);
  const moments = momentsOf(createdAt, world.size);
  await withTransaction(pool, async (tx) => {
    await tx.query(
      `INSERT INTO ${tables.moment} (recorded_at, position)
       SELECT r, p FROM unnest(string_to_array($1, chr(30))::timestamptz[], string_to_array($2, chr(30))::bigint[]) AS m (r, p)
        WHERE p > ${last}
        ON CONFLICT (recorded_at) DO UPDATE SET position = excluded.position`,
      [joined(moments.map((at) => at.recordedAt.toISOString())), joined(moments.map(({ position }) => position))],
    );
    const head = SYSTEM_EVENTS + world.size - 1;
    await tx.query('UPDATE read_model.generation SET position = $2 WHERE generation = $1', [generation, head]);
    await tx.query('SELECT read_model.make_live($1)', [generation]);
  });
  await pool.end();
  say('figures: live');
}

const SPACING_MS = 5_000;

function spaced(say: (text: string) => void): (progress: { done: number; total: number; rate: number }) => void {
  let saidAt = 0;
  return ({ done, total, rate }) => {
    if (performance.now() - saidAt < SPACING_MS) return;
    saidAt = performance.now();
    say(`figures of the first block: ${done} of ${total} events, ${Math.round(rate)}/s`);
  };
}

interface Copying {
  tables: Tables;
  generation: number;
  world: GrownWorld;
  say: (text: string) => void;
}

/** On one connection, since what they are copied from are its temporary tables. */
async function copyBlocks(url: string, { tables, generation, world, say }: Copying): Promise<void> {
  const pool = createPool(url, { max: 1, applicationName: 'bench grow' });
  try {
    await pool.query(`SET work_mem = '256MB'; SET statement_timeout = 0; SET enable_mergejoin = off;
                      SET synchronous_commit = off`);
    // Apart from the copies, which go into the same table.
    await pool.query(
      `CREATE TEMP TABLE first_version AS SELECT * FROM ${tables.incident_version}; ANALYZE first_version`,
    );
    const { rows: first } = await pool.query<First>(
      `SELECT incident_id AS id, publisher, ref, time_precision = 'YEAR' AS "isYear" FROM first_version WHERE version = 1`,
    );
    for (let block = 1; block < BLOCKS; block++) {
      await withTransaction(pool, async (tx) => {
        await nameIncidents(tx, first, block);
        await copyVersions(tx, { tables, block, shift: block * world.blockSize });
      });
      say(`figures: versions of ${block + 1} of ${BLOCKS} blocks`);
    }
    say('figures: balances …');
    await makeCells(pool, tables);
    const target = new ProjectionTarget({ ...tables, posting: 'cells' }, { balanced: false });
    await sumBalances(pool, target, generation);
  } finally {
    await pool.end();
  }
}

/** The postings of the first block summed by cell, in the months of every block. */
async function makeCells(pool: Pool, tables: Tables): Promise<void> {
  const key = BALANCE_CODES.filter((column) => column !== 'month').join(', ');
  const sums = (of: (column: string) => string): string => BALANCE_SUMS.map(of).join(', ');
  const moved = Array.from({ length: BLOCKS }, (_, block) => `WHEN ${block} THEN ${monthOfBlock('month', block)}`);
  await pool.query(`
    CREATE TEMP TABLE cells AS
    WITH first AS (
      SELECT ${key}, month, is_year, ${sums((column) => `sum(d_${column})::bigint AS d_${column}`)}
        FROM ${tables.posting} JOIN named ON named.first = incident_id GROUP BY ${key}, month, is_year)
    SELECT 0 AS position, ${key}, CASE WHEN is_year THEN month ELSE CASE block ${moved.join(' ')} END END AS month,
           ${sums((column) => `d_${column}`)}
      FROM first, generate_series(0, ${BLOCKS - 1}) AS block`);
}

interface First {
  id: string;
  publisher: string;
  ref: string;
  isYear: boolean;
}

/** Which incident of the first block is which of this one. */
async function nameIncidents(tx: PoolClient, first: readonly First[], block: number): Promise<void> {
  await tx.query('DROP TABLE IF EXISTS named; CREATE TEMP TABLE named (first uuid, id uuid, is_year boolean)');
  for (let from = 0; from < first.length; from += CHUNK) {
    const chunk = first.slice(from, from + CHUNK);
    await tx.query(
      `INSERT INTO named SELECT * FROM unnest(string_to_array($1, chr(30))::uuid[], string_to_array($2, chr(30))::uuid[],
                                              string_to_array($3, chr(30))::boolean[])`,
      [
        joined(chunk.map(({ id }) => id)),
        joined(chunk.map(({ publisher, ref }) => incidentIdOf(publisher, refInBlock(ref, block)))),
        joined(chunk.map(({ isYear }) => String(isYear))),
      ],
    );
  }
  await tx.query('ANALYZE named');
}

async function copyVersions(
  tx: PoolClient,
  { tables, block, shift }: { tables: Tables; block: number; shift: number },
): Promise<void> {
  const moved = (column: string): string =>
    `CASE WHEN named.is_year THEN ${column} ELSE ${monthOfBlock(column, block)} END`;
  const changed: Record<string, string> = {
    from_position: `from_position + ${shift}`,
    to_position: `to_position + ${shift}`,
    incident_id: 'named.id',
    ref: `ref || '.${block}'`,
    start_date: moved('start_date'),
    end_date: moved('end_date'),
  };
  const { fields } = await tx.query('SELECT * FROM first_version LIMIT 0');
  const values = fields.map(({ name }) => changed[name] ?? name);
  await tx.query(`INSERT INTO ${tables.incident_version}
                  SELECT ${values.join(', ')} FROM first_version JOIN named ON named.first = incident_id
                   ORDER BY from_position`);
}
