import { setTimeout as sleep } from 'node:timers/promises';
import { REPORTS_TOPIC, withAdmin } from '../../support/kafka.js';
import type { Fault } from '../fault.js';

export const partitionAdded: Fault = {
  name: 'partition-added',
  promise: 'a partition that is added to a topic is read from its beginning',
  short: 1,
  inject: async (world, _random, { load }) => {
    const count = world.ledgers.partitions + 1;
    await withAdmin(world.system.brokers, (admin) =>
      admin.createPartitions({ topicPartitions: [{ topic: REPORTS_TOPIC, count }] }),
    );
    world.ledgers.partitions = count;
    await load.burst(60);
    await sleep(500);
    return `partition ${count - 1} of the reports, with messages in it at once`;
  },
};
