import { REPORTS_TOPIC, withAdmin } from '../../support/kafka.js';
import type { Fault } from '../fault.js';

export const offsetsReset: Fault = {
  name: 'offsets-reset',
  promise: 'what Kafka believes that we have read is never trusted: not when it is reset, and not when it is deleted',
  cases: ['to-the-beginning', 'to-the-end', 'deleted'],
  short: 1,
  inject: async (world, _random, { chosen, load }) => {
    await world.app('ingest').stop();
    await load.burst(60);
    await withAdmin(world.system.brokers, async (admin) => {
      const groupId = world.group;
      if (chosen === 'deleted') await admin.deleteGroups([groupId]);
      else await admin.resetOffsets({ groupId, topic: REPORTS_TOPIC, earliest: chosen === 'to-the-beginning' });
    });
    await world.replace('ingest');
    return 'the offsets of the consumer group at the broker, while ingest was down';
  },
};
