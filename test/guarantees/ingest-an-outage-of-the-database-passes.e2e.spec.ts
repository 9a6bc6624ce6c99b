import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { produce } from '../support/kafka.js';
import { recordedReports, rejectionCodes, untilIngested } from '../support/ingest-facts.js';
import { report } from '../support/ingest-messages.js';
import { startSystem, type TestSystem } from '../support/system.js';

describe('an outage of the database passes', () => {
  let system: TestSystem;
  beforeAll(async () => {
    system = await startSystem({ apps: ['ingest'] });
  }, 90_000);
  afterAll(() => system.stop(), 60_000);

  it('without a message rejected, lost or doubled, and the process lives on', async () => {
    const ids = Array.from({ length: 2000 }, (_, i) => `outage-${i}`);
    const admin = new pg.Client({ connectionString: process.env['TEST_PG_ADMIN_URL'] });
    await admin.connect();
    const name = new URL(system.database.url).pathname.slice(1);
    const terminate = (): Promise<unknown> =>
      admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
    try {
      const sending = (async () => {
        for (let sent = 0; sent < ids.length; sent += 100) {
          await produce(
            ids.slice(sent, sent + 100).map((id, i) => report({ id, reportId: id, ref: `outage-${i}` })),
            system.brokers,
          );
        }
      })();
      for (let round = 0; round < 5; round++) {
        await sleep(150);
        await terminate();
      }
      await admin.query(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`);
      await terminate();
      await sending;
      await sleep(3000);
      await admin.query(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS true`);
    } finally {
      await admin.end();
    }
    await untilIngested(system.pool, system.brokers, system.env['LEDGER_CONSUMER_GROUP'] ?? '');
    expect(await recordedReports(system.pool)).toEqual(ids.toSorted());
    expect(await rejectionCodes(system.pool)).toEqual([]);
    expect(system.app('ingest').isRunning()).toBe(true);
  }, 120_000);
});
