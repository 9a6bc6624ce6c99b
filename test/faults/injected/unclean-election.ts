import { eventually } from '../../support/eventually.js';
import type { Dedicated } from '../../support/dedicated.js';
import { declaredConfig, endOffsets, removeTopic, REPORTS_TOPIC, withAdmin } from '../../support/kafka.js';
import type { Fault } from '../fault.js';
import { gapsTold } from '../gaps-told.js';
import type { World } from '../world.js';

const LEADER = 1;
const FOLLOWER = 2;
/** Recorded by everybody; then by the leader alone; then, of another history, by the one who comes after it. */
const KEPT = 40;
const ON_THE_LEADER = 60;

export const uncleanElection: Fault = {
  name: 'unclean-election',
  promise:
    'where an operator lets a replica lead that lacks messages, nothing recorded is lost, what comes at the offsets that are used again is recorded, and the log says where',
  needsCluster: true,
  cases: ['while-ingest-runs', 'while-ingest-is-down'],
  quiet: true,
  inject: async (world, _random, { chosen, load }) => {
    const isDown = chosen === 'while-ingest-is-down';
    const { nodes } = world.cluster;
    const [leader, follower] = [nodes[LEADER - 1] as Dedicated, nodes[FOLLOWER - 1] as Dedicated];
    const release = await load.hold();
    await makeUnsafe(world);
    await load.burst(KEPT);
    await world.settle();
    const ends = await endOffsets(REPORTS_TOPIC, world.system.brokers);

    await follower.stopServer();
    await load.burst(ON_THE_LEADER);
    await world.settle();
    const problems = await world.ledgers.forgetReports(ends);
    if (problems.length > 0) throw new Error(problems.join('; '));
    const recorded = await endOffsets(REPORTS_TOPIC, world.system.brokers);
    const cut = recorded.filter((end, partition) => end > (ends[partition] ?? 0)).length;
    const before = await gapsTold(world);
    if (isDown) await world.app('ingest').stop();

    await leader.kill();
    await follower.start();
    await eventually(
      'the replica that lacks messages leads',
      async () => (await world.cluster.leaderOf(REPORTS_TOPIC, 0)) === FOLLOWER,
      { timeoutMs: 60_000, everyMs: 200 },
    );
    // While ingest looks on, fewer than were lost; while it does not, more, so that no offset shows it.
    await load.burst(isDown ? 3 * ON_THE_LEADER : ON_THE_LEADER / 4);
    await leader.start();
    if (isDown) await world.replace('ingest');
    await world.settle();
    release();
    const told = (await gapsTold(world)) - before;
    if (told !== cut) throw new Error(`${cut} partitions were cut off, and ${told} events say so`);
    return `the leader of all partitions died with ${ON_THE_LEADER} messages that only it and the log had, a replica without them led, and the old leader followed it`;
  },
};

/** The reports topic with two replicas of which one is enough, led by one node; what may lead need not have everything. */
async function makeUnsafe(world: World): Promise<void> {
  await world.settle();
  const problems = await world.ledgers.forgetReports();
  if (problems.length > 0) throw new Error(problems.join('; '));
  const { brokers } = world.system;
  const told = await gapsTold(world);
  await removeTopic(REPORTS_TOPIC, brokers);
  const unsafe = { 'min.insync.replicas': '1', 'unclean.leader.election.enable': 'true' };
  await withAdmin(brokers, async (admin) => {
    const configEntries = Object.entries({ ...declaredConfig(REPORTS_TOPIC), ...unsafe });
    await admin.createTopics({
      waitForLeaders: false,
      topics: [
        {
          topic: REPORTS_TOPIC,
          replicaAssignment: Array.from({ length: world.ledgers.partitions }, (_, partition) => ({
            partition,
            replicas: [LEADER, FOLLOWER],
          })),
          configEntries: configEntries.map(([name, value]) => ({ name, value })),
        },
      ],
    });
  });
  await eventually(
    'the new topic is told of',
    async () => (await gapsTold(world)) - told === world.ledgers.partitions,
    { timeoutMs: 60_000 },
  );
}
