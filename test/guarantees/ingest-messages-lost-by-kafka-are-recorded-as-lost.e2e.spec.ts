import { endOffsets, freshTopics, produce, REPORTS_TOPIC, withAdmin } from '../support/kafka.js';
import { eventsOf, recordedReports, untilIngested } from '../support/ingest-facts.js';
import { report } from '../support/ingest-messages.js';
import { startSystem, type TestSystem } from '../support/system.js';

describe('messages that Kafka lost before they were read are recorded as lost', () => {
  let system: TestSystem;
  const group = (): string => system.env['LEDGER_CONSUMER_GROUP'] ?? '';
  const send = (prefix: string, count: number): Promise<unknown> =>
    produce(
      Array.from({ length: count }, (_, i) => ({
        ...report({ id: `${prefix}-${i}`, reportId: `${prefix}-${i}` }),
        partition: 0,
      })),
      system.brokers,
    );
  const gaps = async (): Promise<Record<string, unknown>[]> =>
    (await eventsOf(system.pool))
      .filter(({ type, leaf }) => type === 'DeliveryGapRecorded' && leaf.data['topic'] === REPORTS_TOPIC)
      .map(({ leaf }) => leaf.data);

  const recordedOf = async (prefix: string): Promise<number> =>
    (await recordedReports(system.pool)).filter((id) => id.startsWith(prefix)).length;
  const fates = (offsets: number[]): Promise<unknown[]> =>
    Promise.all(
      offsets.map(async (offset) => {
        const answer = await fetch(`${system.app('audit-api').url}/v1/deliveries/${REPORTS_TOPIC}/0/${offset}`);
        return ((await answer.json()) as { status: unknown }).status;
      }),
    );
  const repeated = report({ id: 'repeated', reportId: 'repeated' });

  beforeAll(async () => {
    system = await startSystem({ apps: ['ingest', 'audit-api'], partitions: 1 });
  }, 90_000);
  afterAll(() => system.stop(), 60_000);

  it('by retention, while ingest was down', async () => {
    await send('read', 5);
    await untilIngested(system.pool, system.brokers, group());
    await system.app('ingest').stop();
    await send('expired', 7);
    await withAdmin(system.brokers, async (admin) => {
      await admin.fetchTopicOffsets(REPORTS_TOPIC); // loads the metadata that the next call looks for
      await admin.deleteTopicRecords({ topic: REPORTS_TOPIC, partitions: [{ partition: 0, offset: '12' }] });
    });
    await send('kept', 3);
    await system.start('ingest');
    await untilIngested(system.pool, system.brokers, group());
    expect(await gaps()).toMatchObject([
      { topic: REPORTS_TOPIC, partition: 0, fromOffset: 5, toOffset: 11, reason: 'EXPIRED' },
    ]);
    expect(await recordedOf('kept')).toBe(3);
  }, 90_000);

  it('by a topic that was deleted and made anew, which is then read from its start', async () => {
    await system.app('ingest').stop();
    await freshTopics(system.brokers, 1);
    await send('anew', 3);
    await produce([{ ...repeated, partition: 0 }], system.brokers);
    await system.start('ingest');
    await untilIngested(system.pool, system.brokers, group());
    expect((await gaps())[1]).toMatchObject({ reason: 'TOPIC_RECREATED', partition: 0, fromOffset: 15 });
    expect([await recordedOf('anew'), await recordedOf('repeated')]).toEqual([3, 1]);
  }, 90_000);

  describe('a topic made anew that has grown past where the old one was read to', () => {
    it('while ingest was down is read from its start, and an offset that comes again has a fate of its own', async () => {
      const [before] = await endOffsets(REPORTS_TOPIC, system.brokers);
      await system.app('ingest').stop();
      await freshTopics(system.brokers, 1);
      await produce([{ ...report({ id: 'anew-0', reportId: 'anew-0' }), partition: 0, value: '{' }], system.brokers);
      await produce([{ ...repeated, partition: 0 }], system.brokers);
      await send('longer', 20);
      await system.start('ingest');
      await untilIngested(system.pool, system.brokers, group());
      expect(await recordedOf('longer')).toBe(20);
      expect((await gaps()).slice(2)).toMatchObject([{ reason: 'TOPIC_RECREATED', partition: 0, fromOffset: before }]);
      expect(await fates([0, 1, 2])).toEqual(['REJECTED', 'DUPLICATE', 'RECORDED']);
    }, 90_000);

    it('before ingest, which runs, could look', async () => {
      const ingest = system.app('ingest');
      // Asleep, and for less than its session lasts: it finds the new topic where it left the old one.
      process.kill(ingest.pid, 'SIGSTOP');
      try {
        await freshTopics(system.brokers, 1);
        await send('unseen', 40);
      } finally {
        process.kill(ingest.pid, 'SIGCONT');
      }
      await send('seen', 3);
      await untilIngested(system.pool, system.brokers, group());
      expect([await recordedOf('unseen'), await recordedOf('seen')]).toEqual([40, 3]);
      expect((await gaps()).slice(3)).toMatchObject([{ reason: 'TOPIC_RECREATED', partition: 0, fromOffset: 22 }]);
    }, 90_000);

    it('and one in which nobody has written anything yet is told as well, since nothing will come that shows it', async () => {
      await freshTopics(system.brokers, 1);
      await untilIngested(system.pool, system.brokers, group());
      expect((await gaps()).slice(4)).toMatchObject([{ reason: 'TOPIC_RECREATED', partition: 0, fromOffset: 43 }]);
    }, 90_000);
  });
});
