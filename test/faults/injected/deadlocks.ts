import { setTimeout as sleep } from 'node:timers/promises';
import { between, type Fault } from '../fault.js';
import type { World } from '../world.js';

const ROUNDS = 5;

export const deadlocks: Fault = {
  name: 'deadlocks',
  promise: 'deadlocks, lock time-outs and serialization failures end in another attempt, never in a rejection',
  cases: ['deadlock', 'serializable'],
  short: 1,
  inject: async (world, random, { chosen, load }) => {
    if (chosen === 'serializable') return serializable(world, () => load.burst(100));
    const before = await deadlocksSoFar(world);
    for (let round = 0; round < ROUNDS; round += 1) {
      await world.asAdmin(async (admin) => {
        // Ours is patient: whoever finds the circle first gives way, and that shall be the app.
        await admin.query("SET deadlock_timeout = '30s'");
        await admin.query('BEGIN');
        await admin.query('SELECT FROM ledger.head FOR UPDATE');
        await load.burst(20);
        await sleep(between(random, 100, 300));
        await admin.query('SELECT FROM ledger.kafka_cursor FOR UPDATE');
        await admin.query('ROLLBACK');
      });
    }
    await sleep(500);
    const made = (await deadlocksSoFar(world)) - before;
    if (made === 0) throw new Error('there was no deadlock');
    return `${made} deadlocks, in each of which PostgreSQL ended a transaction of an app`;
  },
};

/** Every transaction of every app must prove that it could have run alone; two ingest processes see to conflicts. */
async function serializable(world: World, send: () => Promise<void>): Promise<string> {
  const name = new URL(world.system.database.url).pathname.slice(1);
  const set = (level: string): Promise<void> =>
    world.asAdmin(async (admin) => {
      await admin.query(`ALTER DATABASE ${name} SET default_transaction_isolation = '${level}'`);
      await admin.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()',
        [name],
      );
    });
  await set('serializable');
  const second = await world.double('ingest');
  try {
    for (let round = 0; round < 4; round += 1) await send();
    await sleep(2_000);
  } finally {
    await set('read committed');
    await second.stop();
  }
  return 'all transactions serializable, with two ingest processes';
}

async function deadlocksSoFar(world: World): Promise<number> {
  return world.asAdmin(async (admin) => {
    await admin.query('SELECT pg_stat_force_next_flush()');
    const { rows } = await admin.query<{ deadlocks: string }>(
      'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
    );
    return Number(rows[0]?.deadlocks);
  });
}
