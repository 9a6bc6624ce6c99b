import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../support/eventually.js';
import type { Fault } from '../fault.js';
import type { World } from '../world.js';

export const clockSteps: Fault = {
  name: 'clock-steps',
  promise:
    'recorded time never goes back; while the head is more than 60 s ahead of the clock, appends wait and no message is refused',
  cases: ['ahead-and-back', 'back-a-little', 'back-an-hour'],
  short: 1,
  inject: async (world, _random, { chosen, load }) => {
    if (chosen === 'ahead-and-back') {
      await step(world, 100);
      await load.burst(40);
      await eventually('something is recorded in the future', async () => (await ahead(world)) > 60);
      await step(world, 0);
      await expectWaiting(world, () => load.burst(40));
      // The clock catches up.
      await step(world, 60);
      const release = await load.hold();
      await world.settle();
      release();
      await step(world, 0);
      return '100 s ahead, and back while the head was there';
    }
    const seconds = chosen === 'back-an-hour' ? 3_600 : 30;
    await step(world, -seconds);
    if (seconds > 60) await expectWaiting(world, () => load.burst(40));
    else await load.burst(40);
    await sleep(500);
    await step(world, 0);
    return `${seconds} s back, and right again`;
  },
};

/** The one clock of the log, in seconds against the right one. */
async function step(world: World, seconds: number): Promise<void> {
  await world.asAdmin((admin) =>
    admin.query(
      `CREATE OR REPLACE FUNCTION ledger.clock() RETURNS timestamptz LANGUAGE sql VOLATILE
       AS 'SELECT clock_timestamp() + interval ''${seconds} seconds'''`,
    ),
  );
}

/** How far the head of the log is ahead of the true time, in seconds. */
async function ahead(world: World): Promise<number> {
  const { rows } = await world.pool.query<{ ahead: number }>(
    'SELECT extract(epoch FROM recorded_at - clock_timestamp())::float8 AS ahead FROM ledger.head',
  );
  return rows[0]?.ahead ?? 0;
}

async function expectWaiting(world: World, send: () => Promise<void>): Promise<void> {
  const size = async (): Promise<string | undefined> =>
    (await world.pool.query<{ size: string }>('SELECT next_position AS size FROM ledger.head')).rows[0]?.size;
  await sleep(300); // what was under way with the old clock
  const before = await size();
  await send();
  await sleep(2_500);
  if ((await size()) !== before)
    throw new Error('something was recorded while the head was too far ahead of the clock');
}
