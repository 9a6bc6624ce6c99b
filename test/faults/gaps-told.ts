import type { World } from './world.js';

/** How many events say that a topic was made anew or cut off. */
export async function gapsTold(world: World): Promise<number> {
  const { rows } = await world.pool.query<{ count: number }>(
    `SELECT count(*)::int FROM ledger.event WHERE type = 'DeliveryGapRecorded' AND leaf LIKE '%"TOPIC_RECREATED"%'`,
  );
  return rows[0]?.count ?? 0;
}
