import { statSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { type Dedicated, startDedicatedKafka } from '../support/dedicated.js';
import { eventually } from '../support/eventually.js';
import { eventsOf, recordedReports, untilIngested } from '../support/ingest-facts.js';
import { report } from '../support/ingest-messages.js';
import { endOffsets, produce, REPORTS_TOPIC } from '../support/kafka.js';
import { startSystem, type TestSystem } from '../support/system.js';

describe('a topic that its broker cut off', () => {
  let kafka: Dedicated;
  let system: TestSystem;
  beforeAll(async () => {
    kafka = await startDedicatedKafka();
    system = await startSystem({ apps: ['ingest', 'audit-api'], partitions: 1, brokers: kafka.address });
  }, 180_000);
  afterAll(async () => {
    await system?.stop();
    await kafka?.stop();
  }, 120_000);

  /** Each in a request of its own, so that the end of the file can be lost message by message. */
  async function send(prefix: string, count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      await produce([{ ...report({ id: `${prefix}-${i}`, reportId: `${prefix}-${i}` }), partition: 0 }], kafka.address);
    }
  }
  const ingested = (): Promise<void> =>
    untilIngested(system.pool, kafka.address, system.env['LEDGER_CONSUMER_GROUP'] ?? '');
  const fateOf = async (offset: number): Promise<unknown> => {
    const answer = await fetch(`${system.app('audit-api').url}/v1/deliveries/${REPORTS_TOPIC}/0/${offset}`);
    return ((await answer.json()) as { status: unknown }).status;
  };

  it('and has grown past where it was read to is read from the cut, and the log says so', async () => {
    await send('before', 10);
    await ingested();
    await system.app('ingest').stop();

    // As after a loss of power: what was acknowledged lay in the memory of the operating system.
    await kafka.kill();
    const file = path.join(kafka.folder, 'broker', 'data', `${REPORTS_TOPIC}-0`, `${'0'.repeat(20)}.log`);
    truncateSync(file, Math.floor(statSync(file).size * 0.65));
    await kafka.start();
    const cut = await eventually('the broker is back', async () => (await endOffsets(REPORTS_TOPIC, kafka.address))[0]);
    expect(cut).toBeLessThan(10);

    await send('after', 15);
    await system.start('ingest');
    await ingested();
    expect(await recordedReports(system.pool)).toHaveLength(25);
    const gaps = (await eventsOf(system.pool)).filter(({ type }) => type === 'DeliveryGapRecorded');
    expect(gaps.map(({ leaf }) => leaf.data)).toMatchObject([
      { reason: 'TOPIC_RECREATED', topic: REPORTS_TOPIC, partition: 0, fromOffset: 10 },
    ]);
    // Before the cut, at offsets that came again, and after where the cursor stood.
    expect(await Promise.all([0, cut, 9, 10, cut + 14].map(fateOf))).toEqual(
      Array.from({ length: 5 }, () => 'RECORDED'),
    );
  }, 180_000);
});
