import { canonicalize, readEvents } from '#app/log';
import { createPool } from '#app/runtime';
import type { Pool } from 'pg';
import type { GrownWorld } from './growth-world.js';
import { SYSTEM_EVENTS } from './system.js';

const SAMPLES = 200;
const SAMPLE = 10;

/**
 * What a grown database promises: dense positions, each row with what belongs to it, leaves in canonical form that tell their own
 * position, and figures of every incident.
 * @throws naming the first that does not hold
 */
export async function checkGrown(url: string, world: GrownWorld): Promise<void> {
  const pool = createPool(url, { max: 1 });
  try {
    await pool.query('SET statement_timeout = 0');
    const { rows } = await pool.query<Record<string, number>>(`
      SELECT (SELECT next_position FROM ledger.head)::float8 AS head,
             (SELECT count(*) FROM ledger.event)::float8 AS events,
             (SELECT max(position) + 1 FROM ledger.event)::float8 AS end,
             (SELECT count(*) FROM ledger.event_stream)::float8 AS streams,
             (SELECT count(*) + ${SYSTEM_EVENTS} FROM ledger.delivery)::float8 AS deliveries,
             (SELECT count(*) + ${SYSTEM_EVENTS} FROM vault.key)::float8 AS keys,
             (SELECT position + 1 FROM read_model.generation WHERE status = 'LIVE')::float8 AS figures`);
    for (const [name, count] of Object.entries(rows[0] ?? {})) {
      if (count !== SYSTEM_EVENTS + world.size) throw new Error(`${name}: ${count} for ${world.size} reports`);
    }
    await checkIncidents(pool);
    for (let n = 0; n < SAMPLES; n++) {
      await checkLeaves(pool, Math.floor((n * (world.size - SAMPLE)) / SAMPLES));
    }
  } finally {
    await pool.end();
  }
}

/** Those that stand are those that the balances count. */
async function checkIncidents(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ standing: number; counted: number }>(`
    SELECT (SELECT count(*) FROM read_model.incident_version WHERE to_position IS NULL AND status = 'ACTIVE')::float8 AS standing,
           (SELECT sum(incidents) FROM read_model.balance WHERE measure = 'INCIDENT' AND part = 'TOTAL' AND month = '-infinity')::float8 AS counted`);
  const { standing, counted } = rows[0] as { standing: number; counted: number };
  if (standing !== counted) throw new Error(`${counted} incidents are counted and ${standing} stand`);
}

async function checkLeaves(pool: Pool, after: number): Promise<void> {
  for (const { position, recordedAt, leaf, stream, streamVersion } of await readEvents(pool, {
    after,
    limit: SAMPLE,
  })) {
    const told = JSON.parse(leaf) as Record<string, unknown>;
    const columns = { position, recordedAt: recordedAt.toISOString(), stream, streamVersion };
    if (canonicalize(told) !== leaf) throw new Error(`the leaf at ${position} is not canonical`);
    for (const [name, value] of Object.entries(columns)) {
      if (told[name] !== value) throw new Error(`the leaf at ${position} tells another ${name} than its row`);
    }
  }
}
