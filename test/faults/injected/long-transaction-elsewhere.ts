import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../fault.js';

export const longTransactionElsewhere: Fault = {
  name: 'long-transaction-elsewhere',
  promise: 'a transaction that somebody holds open in another database of the same server stalls no reader of the log',
  mixes: true,
  short: 1,
  inject: async (world, _random, { load }) => {
    await world.asAdmin(async (admin) => {
      await admin.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      // With an id of its own, which holds back the horizon of the whole server.
      await admin.query('SELECT pg_current_xact_id()');
      await sleep(1_000);
      await load.burst(80);
      const release = await load.hold();
      await world.settle(30_000);
      release();
      await admin.query('ROLLBACK').catch(() => undefined);
    }, 'postgres');
    return 'a writing transaction in database postgres, held until all was worked off';
  },
};
