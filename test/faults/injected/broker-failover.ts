import { setTimeout as sleep } from 'node:timers/promises';
import { send } from '../../../infra/local/processes.js';
import type { Dedicated } from '../../support/dedicated.js';
import { REPORTS_TOPIC } from '../../support/kafka.js';
import { untilSeen } from '../asking.js';
import { between, type Fault, pick, type Random } from '../fault.js';
import { gapsTold } from '../gaps-told.js';
import type { World } from '../world.js';

/** Longer than a request waits for its answer (30 s): when it wakes up, the one that came after it has been written to and read. */
const ASLEEP_S = [38, 45] as const;

type Inject = (world: World, random: Random) => Promise<string>;

const INJECT: Record<string, Inject> = {
  'leader-asleep': putToSleep,
  'leaders-of-reports': (world, random) => killInTurns(world, random, () => leaderOfReports(world, random)),
  'group-coordinator': (world, random) => killInTurns(world, random, () => leaderOf(world, '__consumer_offsets', 0)),
  controller: (world, random) => killInTurns(world, random, async () => world.cluster.controller()),
  'two-at-once': killTwo,
  'one-after-another': restartAll,
};

export const brokerFailover: Fault = {
  name: 'broker-failover',
  promise:
    'of three brokers any may die, sleep or be restarted: what two of them have acknowledged is recorded once, and no change of leaders is taken for a loss',
  needsCluster: true,
  cases: Object.keys(INJECT),
  inject: async (world, random, { chosen, load }) => {
    const before = await gapsTold(world);
    const said = await (INJECT[chosen] as Inject)(world, random);
    const release = await load.hold();
    await world.settle();
    const told = (await gapsTold(world)) - before;
    release();
    if (told > 0) throw new Error(`${told} events say that messages are lost, and none is`);
    return said;
  },
};

/** Twice, since another one leads when the first one has come back. */
async function killInTurns(world: World, random: Random, whom: () => Promise<number>): Promise<string> {
  const killed: number[] = [];
  for (let turn = 0; turn < 2; turn++) {
    await sleep(between(random, 300, 900));
    const id = await whom();
    const node = nodeOf(world, id);
    killed.push(id);
    await node.kill();
    await sleep(between(random, 0, 5_000));
    await node.start();
    await untilWhole(world);
  }
  return `kill -9 of node ${killed.join(', then ')}, each back before the next`;
}

async function putToSleep(world: World, random: Random): Promise<string> {
  const { pid } = nodeOf(world, await leaderOfReports(world, random));
  const seconds = between(random, ...ASLEEP_S);
  send(pid, 'SIGSTOP');
  await sleep(seconds * 1_000).finally(() => send(pid, 'SIGCONT'));
  await untilWhole(world);
  return `SIGSTOP of the leader of a partition for ${seconds} s, SIGCONT`;
}

/** Without a majority nobody leads, and nothing is acknowledged. */
async function killTwo(world: World, random: Random): Promise<string> {
  const spared = pick(random, world.cluster.nodes);
  const doomed = world.cluster.nodes.filter((node) => node !== spared);
  await sleep(between(random, 300, 900));
  await Promise.all(doomed.map((node) => node.kill()));
  await sleep(between(random, 1_000, 8_000));
  await Promise.all(doomed.map((node) => node.start()));
  await untilWhole(world);
  return 'kill -9 of two nodes of three at once, and a start';
}

async function restartAll(world: World): Promise<string> {
  for (const node of world.cluster.nodes) {
    await node.stopServer();
    await node.start();
    await untilWhole(world);
  }
  return 'an orderly stop and a start of each node, one after the other';
}

function leaderOfReports(world: World, random: Random): Promise<number> {
  return leaderOf(world, REPORTS_TOPIC, between(random, 0, world.ledgers.partitions - 1));
}

function leaderOf(world: World, topic: string, partition: number): Promise<number> {
  return untilSeen(`${topic}/${partition} has a leader`, () => world.cluster.leaderOf(topic, partition));
}

function nodeOf(world: World, id: number): Dedicated {
  return world.cluster.nodes[id - 1] as Dedicated;
}

/** Every replica has everything again: whoever dies next leaves two behind. */
async function untilWhole(world: World): Promise<void> {
  await untilSeen('all replicas are in sync', async () => ((await world.cluster.outOfSync()) === 0 ? true : null));
}
