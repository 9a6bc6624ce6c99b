import { setTimeout as sleep } from 'node:timers/promises';
import { between, type Fault } from '../fault.js';

export const killPostgres: Fault = {
  name: 'kill-postgres',
  promise: 'what was committed survives the death of PostgreSQL; everybody comes back by himself',
  cases: ['server', 'one-backend', 'immediate-shutdown'],
  mixes: true,
  short: 2,
  inject: async (world, random, { chosen }) => {
    const { postgres } = world.servers;
    await sleep(between(random, 300, 900));
    if (chosen === 'one-backend') {
      // The death of one backend by force makes the server end all others and recover.
      const pid = await world.asAdmin(async (admin) => {
        const { rows } = await admin.query<{ pid: number }>(
          "SELECT pid FROM pg_stat_activity WHERE application_name = 'ledger-ingest' LIMIT 1",
        );
        return rows[0]?.pid;
      });
      if (pid === undefined) throw new Error('ingest has no connection');
      process.kill(pid, 'SIGKILL');
      await sleep(1_500);
      return 'kill -9 of one backend of ingest';
    }
    if (chosen === 'immediate-shutdown') process.kill(postgres.pid, 'SIGQUIT');
    else await postgres.kill();
    await sleep(between(random, 200, 1_500));
    await postgres.start();
    await sleep(1_000);
    return chosen === 'immediate-shutdown'
      ? 'SIGQUIT to the postmaster, and a start'
      : 'kill -9 of the postmaster, and a start';
  },
};
