import { PROJECTION_VERSION } from '#app/domain';
import type { ClientBase, Pool } from 'pg';
import { copyCodes } from '../project/codes.js';
import { tablesOfGeneration } from '../project/tables.js';
import type { GenerationRow } from '../rows.js';

const COLUMNS = 'generation, projection, policy, policy_override, status, position, balanced, started_at, live_since';

/** The live generation, locked until the transaction ends. Null for a moment while a switch commits: ask again. */
export async function lockLiveGeneration(tx: ClientBase): Promise<GenerationRow | null> {
  const { rows } = await tx.query<GenerationRow>(
    `SELECT ${COLUMNS} FROM read_model.generation WHERE status = 'LIVE' FOR UPDATE`,
  );
  return rows[0] ?? null;
}

/** The live generation as of now. Its number, read together with its position, names tables that outlive a switch. */
export async function liveGeneration(db: Pool | ClientBase): Promise<GenerationRow> {
  return liveOf(await generations(db));
}

export function liveOf(all: readonly GenerationRow[]): GenerationRow {
  const live = all.find(({ status }) => status === 'LIVE');
  if (live === undefined) throw new Error('no generation of the read model is live: was the database migrated?');
  return live;
}

export async function generations(db: Pool | ClientBase): Promise<GenerationRow[]> {
  const { rows } = await db.query<GenerationRow>(`SELECT ${COLUMNS} FROM read_model.generation ORDER BY generation`);
  return rows;
}

/** Moves a checkpoint by compare-and-set: of two who hold the same events, one writes them. `policy`: in force at `to`. */
export async function moveCheckpoint(
  tx: ClientBase,
  generation: number,
  { from, to, policy }: { from: number; to: number; policy: number },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    'UPDATE read_model.generation SET position = $3, policy = $4 WHERE generation = $1 AND position = $2',
    [generation, from, to, policy],
  );
  return rowCount === 1;
}

/**
 * A new generation with empty tables and without the readers' indexes. It numbers words as the live one does.
 * @param policyOverride number of the policy to fold it under whatever the log activates; null: as the log says
 */
export async function createGeneration(tx: ClientBase, policyOverride: number | null): Promise<GenerationRow> {
  const { rows } = await tx.query<GenerationRow>(
    `INSERT INTO read_model.generation (generation, projection, policy, policy_override, status, balanced)
     SELECT max(generation) + 1, $1, coalesce($2::integer, 1), $2, 'BUILDING', false FROM read_model.generation
     RETURNING ${COLUMNS}`,
    [PROJECTION_VERSION, policyOverride],
  );
  const created = rows[0];
  if (created === undefined) throw new Error('the generation was not created');
  await tx.query('SELECT read_model.create_tables($1, $2, $3)', ['read_model', String(created.generation), '']);
  const { generation: live } = await liveGeneration(tx);
  await copyCodes(tx, { from: tablesOfGeneration(live), to: tablesOfGeneration(created.generation) });
  return created;
}

/** Waits for its readers. They all look at the moments first, so whoever waits there holds nothing that this waits for. */
export async function dropGeneration(tx: ClientBase, generation: number): Promise<void> {
  await tx.query(`LOCK TABLE ${tablesOfGeneration(generation).moment} IN ACCESS EXCLUSIVE MODE`);
  await tx.query('SELECT read_model.drop_generation($1)', [generation]);
}
