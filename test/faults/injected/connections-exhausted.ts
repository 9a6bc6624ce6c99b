import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Fault } from '../fault.js';

export const connectionsExhausted: Fault = {
  name: 'connections-exhausted',
  promise:
    'while PostgreSQL lets nobody in, everything waits; nothing is refused, and afterwards all of it is recorded',
  short: 1,
  inject: async (world) => {
    const login = 'greedy';
    const url = new URL(world.servers.postgres.address);
    await world.asAdmin(async (admin) => {
      await admin.query(`DROP ROLE IF EXISTS ${login}`);
      await admin.query(`CREATE ROLE ${login} LOGIN PASSWORD '${url.password}'`);
    });
    url.username = login;
    const taken: pg.Client[] = [];
    try {
      // The test's own connections are those of a superuser; so are the apps', who are thrown out again and again.
      const until = Date.now() + 5_000;
      while (Date.now() < until) {
        const client = new pg.Client({ connectionString: url.href });
        client.on('error', () => undefined);
        if (
          await client.connect().then(
            () => true,
            () => false,
          )
        )
          taken.push(client);
        else await sleep(50);
        if (taken.length % 10 === 0) await throwOut();
      }
    } finally {
      await Promise.all(taken.map((client) => client.end()));
    }
    return `${taken.length} connections were taken by somebody else, those of the apps ended`;

    async function throwOut(): Promise<void> {
      await world
        .asAdmin((admin) =>
          admin.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'ledger-%' OR application_name LIKE '%-api'",
          ),
        )
        .catch(() => undefined);
    }
  },
};
