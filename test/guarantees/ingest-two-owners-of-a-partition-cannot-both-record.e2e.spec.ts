import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { produce } from '../support/kafka.js';
import { recordedReports, untilIngested } from '../support/ingest-facts.js';
import { report } from '../support/ingest-messages.js';
import { startSystem, type TestSystem } from '../support/system.js';

/**
 * A stopped process (SIGSTOP, longer than the session lasts at the broker) still believes that it owns its partitions
 * when it wakes up. The broker cannot stop it from writing to our database; only the compare-and-set does.
 */
describe('two owners of a partition cannot both record it', () => {
  let system: TestSystem;
  beforeAll(async () => {
    system = await startSystem({ apps: ['ingest'], partitions: 1 });
  }, 90_000);
  afterAll(() => system.stop(), 60_000);

  it('a process that slept through its replacement records nothing twice', async () => {
    const group = system.env['LEDGER_CONSUMER_GROUP'] ?? '';
    const sleeper = system.app('ingest');
    const send = (from: number, count: number): Promise<unknown> =>
      produce(
        Array.from({ length: count }, (_, i) =>
          report({ id: `z-${from + i}`, reportId: `z-${from + i}`, ref: `z-${i % 7}` }),
        ),
        system.brokers,
      );
    await send(0, 3000);
    await eventually('the first batch is recorded', async () => (await recordedReports(system.pool)).length > 4, {
      everyMs: 5,
    });
    process.kill(sleeper.pid, 'SIGSTOP');
    try {
      const replacement = await system.start('ingest');
      await send(3000, 1000);
      // The session of the sleeper ends at the broker after 10 s, then its partition is given away.
      await untilIngested(system.pool, system.brokers, group, 90_000);
      expect(replacement.isRunning()).toBe(true);
    } finally {
      process.kill(sleeper.pid, 'SIGCONT');
    }
    await send(4000, 1000);
    await untilIngested(system.pool, system.brokers, group);
    await sleep(2000);
    const recorded = await recordedReports(system.pool);
    expect(recorded).toHaveLength(5000);
    expect(new Set(recorded).size).toBe(5000);
  }, 240_000);
});
