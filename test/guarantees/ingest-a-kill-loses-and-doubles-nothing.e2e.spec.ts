import { produce } from '../support/kafka.js';
import { eventsOf, recordedReports, untilIngested } from '../support/ingest-facts.js';
import { report } from '../support/ingest-messages.js';
import { startSystem, type TestSystem } from '../support/system.js';

describe('kill -9 at every step of a batch loses nothing and doubles nothing', () => {
  let system: TestSystem;
  beforeAll(async () => {
    system = await startSystem({ apps: [] });
  }, 90_000);
  afterAll(() => system.stop(), 60_000);

  it.each(['after-cursor', 'after-insert', 'after-commit', 'before-kafka-commit'])(
    '%s',
    async (point) => {
      const before = await recordedReports(system.pool);
      const ids = Array.from({ length: 40 }, (_, i) => `${point}-${i}`);
      await produce(
        ids.map((id, i) => report({ id, reportId: id, ref: `ref-${i % 8}` })),
        system.brokers,
      );
      const doomed = await system.start('ingest', { LEDGER_CRASH_AT: point });
      expect(await doomed.exited).toBeNull();
      const next = await system.start('ingest');
      // There may be nothing left to record: then it would be stopped before it can end by itself.
      await next.waitReady(60_000);
      await untilIngested(system.pool, system.brokers, system.env['LEDGER_CONSUMER_GROUP'] ?? '');
      expect(await next.stop()).toBe(0);
      expect(await recordedReports(system.pool)).toEqual([...before, ...ids].toSorted());
      const types = new Set((await eventsOf(system.pool)).map(({ type }) => type));
      expect(types.has('ReportRejected')).toBe(false);
    },
    120_000,
  );
});
