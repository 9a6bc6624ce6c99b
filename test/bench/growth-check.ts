import { DATED_TO_YEAR } from '#app/domain';
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

/** Those that stand are those that the balances count, and those of them that are dated only to a year in the same months. */
async function checkIncidents(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ standing: number; counted: number; differing: number }>(`
    WITH standing AS (SELECT * FROM read_model.incident_version WHERE to_position IS NULL AND status = 'ACTIVE'),
         total AS (SELECT * FROM read_model.balance WHERE part = 'TOTAL')
    SELECT (SELECT count(*) FROM standing)::float8 AS standing,
           (SELECT sum(incidents) FROM total WHERE measure = 'INCIDENT' AND month = '-infinity')::float8 AS counted,
           (SELECT count(*) FROM (
              SELECT date_trunc('month', start_date::timestamp)::date AS month, count(*) AS incidents
                FROM standing WHERE time_precision = 'YEAR' GROUP BY 1) AS dated
              FULL JOIN (
              SELECT month, sum(incidents) AS incidents
                FROM total WHERE measure = '${DATED_TO_YEAR}' AND month > '-infinity' GROUP BY 1) AS posted USING (month)
             WHERE dated.incidents IS DISTINCT FROM posted.incidents)::float8 AS differing`);
  const { standing, counted, differing } = rows[0] as { standing: number; counted: number; differing: number };
  if (standing !== counted) throw new Error(`${counted} incidents are counted and ${standing} stand`);
  if (differing > 0) throw new Error(`in ${differing} months others are dated only to a year than are counted`);
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
