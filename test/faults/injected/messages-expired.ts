import { endOffsets, REPORTS_TOPIC, withAdmin } from '../../support/kafka.js';
import { type Fault, pick } from '../fault.js';

export const messagesExpired: Fault = {
  name: 'messages-expired',
  promise: 'messages that Kafka removed before they were read are recorded as lost, offset by offset',
  short: 1,
  quiet: true,
  inject: async (world, random, { load }) => {
    const release = await load.hold();
    await world.settle();
    await world.ledgers.look();
    const partition = pick(random, [0, 1, 2, 3]);
    const from = (await endOffsets(REPORTS_TOPIC, world.system.brokers))[partition] ?? 0;
    await world.app('ingest').stop();
    await load.burst(80);
    const end = (await endOffsets(REPORTS_TOPIC, world.system.brokers))[partition] ?? 0;
    const to = Math.floor((from + end) / 2);
    await withAdmin(world.system.brokers, async (admin) => {
      await admin.fetchTopicOffsets(REPORTS_TOPIC); // loads the metadata that the next call looks for
      await admin.deleteTopicRecords({ topic: REPORTS_TOPIC, partitions: [{ partition, offset: String(to) }] });
    });
    await world.replace('ingest');
    await world.settle();
    release();
    const { rowCount } = await world.pool.query(
      `SELECT FROM ledger.event WHERE type = 'DeliveryGapRecorded' AND leaf LIKE $1`,
      [`%"fromOffset":${from},"partition":${partition},"reason":"EXPIRED","toOffset":${to - 1},%`],
    );
    if (rowCount !== 1) throw new Error(`no event says that ${partition}/${from} to ${to - 1} are lost`);
    return `${to - from} messages of one partition, acknowledged and never read`;
  },
};
