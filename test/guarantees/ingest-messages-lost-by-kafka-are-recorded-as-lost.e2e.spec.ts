import { freshTopics, produce, REPORTS_TOPIC, withAdmin } from '../support/kafka.js';
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
    (await eventsOf(system.pool)).filter(({ type }) => type === 'DeliveryGapRecorded').map(({ leaf }) => leaf.data);

  beforeAll(async () => {
    system = await startSystem({ apps: ['ingest'], partitions: 1 });
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
    expect((await recordedReports(system.pool)).filter((id) => id.startsWith('kept'))).toHaveLength(3);
  }, 90_000);

  it('by a topic that was deleted and made anew, which is then read from its start', async () => {
    await system.app('ingest').stop();
    await freshTopics(system.brokers, 1);
    await send('anew', 4);
    await system.start('ingest');
    await untilIngested(system.pool, system.brokers, group());
    expect((await gaps())[1]).toMatchObject({ reason: 'TOPIC_RECREATED', partition: 0, fromOffset: 15 });
    expect((await recordedReports(system.pool)).filter((id) => id.startsWith('anew'))).toHaveLength(4);
  }, 90_000);
});
