import { eventually } from '../../support/eventually.js';
import { freshTopic, REPORTS_TOPIC } from '../../support/kafka.js';
import type { Fault } from '../fault.js';
import { gapsTold } from '../gaps-told.js';

export const topicMadeAnew: Fault = {
  name: 'topic-made-anew',
  promise:
    'a topic that was deleted and made again is read from its start, and the log says so, however far the new one has grown before it is looked at',
  cases: ['while-ingest-runs', 'while-ingest-is-down'],
  short: 1,
  quiet: true,
  inject: async (world, _random, { chosen, load }) => {
    const release = await load.hold();
    const before = await gapsTold(world);
    // First fewer messages than were read of the old topic, or none at all; then more than of that one.
    await makeAnew(3, false);
    await makeAnew(160, chosen === 'while-ingest-is-down');
    await world.settle();
    release();
    // A partition without a message in either topic says nothing until it is looked at.
    const expected = 2 * world.ledgers.partitions;
    await eventually(
      'each partition is told once for each new topic',
      async () => (await gapsTold(world)) - before === expected,
    );
    return 'the reports topic, twice: with 3 messages in the new one, and with 160';

    async function makeAnew(count: number, isDown: boolean): Promise<void> {
      await world.settle();
      const problems = await world.ledgers.forgetReports();
      if (problems.length > 0) throw new Error(problems.join('; '));
      if (isDown) await world.app('ingest').stop();
      await freshTopic(REPORTS_TOPIC, world.ledgers.partitions, world.system.brokers);
      await load.burst(count);
      if (isDown) await world.replace('ingest');
    }
  },
};
