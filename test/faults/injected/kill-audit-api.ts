import { CRASH_POINTS } from '../../../apps/audit-api/src/crash-points.js';
import type { Fault } from '../fault.js';
import type { World } from '../world.js';
import { answersUntil, jsonFrom, untilSeen } from '../asking.js';

interface Replay {
  id: string;
  status: 'RUNNING' | 'DONE' | 'FAILED';
  same: boolean | null;
}

export const killAuditApi: Fault = {
  name: 'kill-audit-api',
  promise:
    'what a steward decided through it is recorded once however often he asks; a replay that was cut off says so',
  cases: CRASH_POINTS,
  short: 2,
  inject: async (world, _random, { chosen }) => {
    if (!chosen.startsWith('replay')) return killSending(world, chosen);
    return killReplaying(world, chosen);
  },
};

/** Discards open rejections, one after the other, each until it is known to be decided. */
async function killSending(world: World, chosen: string): Promise<string> {
  const asked = new Set<string>();
  const discard = async (): Promise<void> => {
    const id = await openRejection(world);
    if (id === null) throw new Error('no rejection is open yet');
    asked.add(id);
    const body = { by: 'A. Steward', reason: 'not ours' };
    await jsonFrom(world.app('audit-api'), `/v1/rejections/${id}/discard`, body);
  };
  await answersUntil(world.crash('audit-api', chosen), discard);
  const ids = [...asked];
  for (const id of ids) {
    await untilSeen(`rejection ${id} is discarded`, async () => {
      const { status } = await jsonFrom<{ status: string }>(world.app('audit-api'), `/v1/rejections/${id}`);
      if (status === 'DISCARDED') return true;
      await jsonFrom(world.app('audit-api'), `/v1/rejections/${id}/discard`, { by: 'A. Steward', reason: 'not ours' });
      return null;
    });
  }
  const { rows } = await world.pool.query<{ events: number }>(
    "SELECT count(*)::int AS events FROM ledger.event WHERE type = 'RejectionDiscarded' AND stream_id = ANY ($1::uuid[])",
    [ids],
  );
  if (rows[0]?.events !== ids.length) throw new Error(`${ids.length} discarded, ${rows[0]?.events} events`);
  return `kill -9 at this step of a decision, and a new process; ${ids.length} rejections discarded`;
}

async function openRejection(world: World): Promise<string | null> {
  const { rows } = await world.pool.query<{ id: string }>(
    `SELECT rejection_id AS id FROM ledger.rejection r
      WHERE NOT EXISTS (SELECT FROM ledger.rejection_resolution x WHERE x.rejection_id = r.rejection_id) LIMIT 1`,
  );
  return rows[0]?.id ?? null;
}

async function killReplaying(world: World, chosen: string): Promise<string> {
  const replay = async (): Promise<Replay> => {
    const { rows } = await world.pool.query<{ position: number }>(
      "SELECT position::int FROM read_model.generation WHERE status = 'LIVE'",
    );
    return jsonFrom<Replay>(world.app('audit-api'), '/v1/replays', { upTo: rows[0]?.position });
  };
  const { rows: earlier } = await world.pool.query('SELECT FROM scratch.replay');
  await answersUntil(world.crash('audit-api', chosen), replay);
  // The first one since ended the process, but for what its predecessor gave up; whoever asked on has begun others in its successor.
  const { rows: since } = await world.pool.query<{ status: string }>(
    `SELECT status FROM (SELECT * FROM scratch.replay ORDER BY started_at OFFSET $1) since
      WHERE error IS DISTINCT FROM 'audit-api is shutting down' ORDER BY started_at`,
    [earlier.length],
  );
  const wanted = chosen === 'replay-finished' ? 'DONE' : 'FAILED';
  if (since[0]?.status !== wanted) throw new Error(`the replay that was cut off is ${since[0]?.status}, not ${wanted}`);
  const { id } = await untilSeen('another replay begins', () => replay().catch(() => null));
  const after = await untilSeen('another replay is done', async () => {
    const found = await jsonFrom<Replay>(world.app('audit-api'), `/v1/replays/${id}`);
    return found.status === 'RUNNING' ? null : found;
  });
  if (after.same !== true) throw new Error(`the replay afterwards: ${JSON.stringify(after).slice(0, 500)}`);
  return 'kill -9 at this step of a replay, a new process, and a replay that finds the figures right';
}
