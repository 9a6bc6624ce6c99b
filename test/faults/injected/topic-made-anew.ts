import { setTimeout as sleep } from 'node:timers/promises';
import { freshTopic, REPORTS_TOPIC } from '../../support/kafka.js';
import type { Fault } from '../fault.js';

export const topicMadeAnew: Fault = {
  name: 'topic-made-anew',
  promise:
    'a topic that was deleted and made again is read from its start, and the log says so, if the new one is looked at before it has grown past where the old one was read to',
  cases: ['while-ingest-runs', 'while-ingest-is-down'],
  quiet: true,
  inject: async (world, _random, { chosen, load }) => {
    // What comes after must not reach as far as what was there: then nobody could tell the new topic from the old one.
    await load.burst(160);
    const release = await load.hold();
    await world.settle();
    const before = await gaps();
    const problems = await world.ledgers.forgetReports();
    if (problems.length > 0) throw new Error(problems.join('; '));
    if (chosen === 'while-ingest-is-down') await world.app('ingest').stop();
    await freshTopic(REPORTS_TOPIC, world.ledgers.partitions, world.system.brokers);
    if (chosen === 'while-ingest-is-down') await world.replace('ingest');
    await load.burst(16);
    await sleep(2_000);
    await world.settle();
    release();
    const recorded = (await gaps()) - before;
    if (recorded === 0) throw new Error('no DeliveryGapRecorded says that the topic was made anew');
    return `the reports topic, with ${recorded} partitions that had been read before`;

    async function gaps(): Promise<number> {
      const { rows } = await world.pool.query<{ count: number }>(
        `SELECT count(*)::int FROM ledger.event WHERE type = 'DeliveryGapRecorded' AND leaf LIKE '%"TOPIC_RECREATED"%'`,
      );
      return rows[0]?.count ?? 0;
    }
  },
};
