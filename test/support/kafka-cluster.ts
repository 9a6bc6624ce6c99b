import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { PartitionMetadata } from 'kafkajs';
import { type ClusterMember, newClusterId, startKafka } from '../../infra/local/kafka-broker.js';
import { findJava, type KafkaProgram, kafkaProgram } from '../../infra/local/kafka-jars.js';
import { freePort } from '../../infra/local/ports.js';
import { type Dedicated, dedicate, makeFolder } from './dedicated.js';
import { withAdmin } from './kafka.js';

/** Three, as professionals run: one may be missing, and the other two are a majority. */
const NODES = 3;

/** What an operator sets for three brokers (docs/operators.md): a topic that names nothing else is kept by all, and two must have a message. */
const SETTINGS = [
  'default.replication.factor=3',
  'min.insync.replicas=2',
  'offsets.topic.replication.factor=3',
  'transaction.state.log.replication.factor=3',
  'transaction.state.log.min.isr=2',
  // Three of them on two cores that others share are slower to say that they live than one.
  'broker.session.timeout.ms=4000',
  'broker.heartbeat.interval.ms=500',
];

/** Three brokers of the test's own; each may be killed, and comes back on its port and its data. */
export interface KafkaCluster {
  /** All of them, for KAFKA_BROKERS. */
  readonly address: string;
  /** In the order of their ids, which begin with 1. */
  readonly nodes: readonly Dedicated[];
  /** The id of the node that leads a partition; null: nobody does at the moment. */
  leaderOf(topic: string, partition: number): Promise<number | null>;
  /** The ids of the nodes that have all of a partition. */
  inSync(topic: string, partition: number): Promise<number[]>;
  /** How many replicas, of all partitions, lack something or are not there. */
  outOfSync(): Promise<number>;
  /** The id of the node whose controller leads the others, as they have written it down. */
  controller(): number;
  stop(): Promise<void>;
}

export async function startKafkaCluster(): Promise<KafkaCluster> {
  const clusterId = newClusterId();
  const ports = new Set<number>();
  while (ports.size < 2 * NODES) ports.add(await freePort());
  const [controllerPorts, brokerPorts] = [[...ports].slice(0, NODES), [...ports].slice(NODES)];
  // Before them all: two who fetch it at once come into each other's way.
  const program = await kafkaProgram(findJava());
  // Side by side: no node answers before a majority is there.
  const started = await Promise.allSettled(
    brokerPorts.map((port, index) => startNode(program, { id: index + 1, clusterId, controllerPorts }, port)),
  );
  const nodes = started.flatMap((node) => (node.status === 'fulfilled' ? [node.value] : []));
  const failed = started.find((node) => node.status === 'rejected');
  if (failed !== undefined) {
    await Promise.all(nodes.map((node) => node.kill()));
    throw failed.reason;
  }
  const address = nodes.map((node) => node.address).join(',');
  return {
    address,
    nodes,
    leaderOf: async (topic, partition) => {
      const partitions = await partitionsOf(address, [topic]);
      const leader = partitions.find(({ partitionId }) => partitionId === partition)?.leader ?? -1;
      return leader < 0 ? null : leader;
    },
    inSync: async (topic, partition) => {
      const partitions = await partitionsOf(address, [topic]);
      return partitions.find(({ partitionId }) => partitionId === partition)?.isr ?? [];
    },
    outOfSync: async () => {
      const partitions = await partitionsOf(address);
      return partitions.reduce((sum, { replicas, isr }) => sum + replicas.length - isr.length, 0);
    },
    controller: () => newestLeader(nodes),
    stop: async () => {
      // An orderly end waits for the majority, which the last ones do not have any more.
      await Promise.all(nodes.map((node) => node.kill()));
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}

function startNode(program: KafkaProgram, member: ClusterMember, port: number): Promise<Dedicated> {
  const folder = makeFolder(`kafka-${member.id}-`);
  return dedicate(folder, async () => {
    const broker = await startKafka({
      folder: path.join(folder, 'broker'),
      logFile: path.join(folder, 'log'),
      program,
      heap: 256,
      settings: SETTINGS,
      member,
      port,
    });
    return { ...broker, pid: broker.pid ?? 0, address: broker.brokers };
  });
}

/** Default: of all topics. */
async function partitionsOf(address: string, topics?: string[]): Promise<PartitionMetadata[]> {
  let told: PartitionMetadata[] = [];
  await withAdmin(address, async (admin) => {
    const metadata = await admin.fetchTopicMetadata(topics === undefined ? undefined : { topics });
    told = metadata.topics.flatMap(({ partitions }) => partitions);
  });
  return told;
}

/** The client is told some broker when it asks for the controller, so this is read where each node keeps its vote. */
function newestLeader(nodes: readonly Dedicated[]): number {
  const votes = nodes.flatMap(({ folder }) => {
    const file = path.join(folder, 'broker', 'data', '__cluster_metadata-0', 'quorum-state');
    return existsSync(file) ? [JSON.parse(readFileSync(file, 'utf8')) as Vote] : [];
  });
  const newest = votes.filter(({ leaderId }) => leaderId > 0).toSorted((a, b) => b.leaderEpoch - a.leaderEpoch)[0];
  if (newest === undefined) throw new Error('no node knows who leads the controllers');
  return newest.leaderId;
}

interface Vote {
  leaderId: number;
  leaderEpoch: number;
}
