import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { pino } from 'pino';
import { send } from '../../../infra/local/processes.js';
import { makeTopics } from '../../../infra/local/topics.js';
import { eventually } from '../../../test/support/eventually.js';
import { type KafkaCluster, startKafkaCluster } from '../../../test/support/kafka-cluster.js';
import { createTopic, endOffsets, produce, removeTopic, withAdmin } from '../../../test/support/kafka.js';
import { connectKafka, KafkaSettings } from './connection.js';
import { Lineages } from './lineages.js';
import { createProducer } from './producer.js';
import { ensureTopics } from './topics.js';

const SLOW = { timeoutMs: 60_000, everyMs: 100 };
const logger = pino({ level: 'silent' });

describe('on three brokers', () => {
  let cluster: KafkaCluster;
  const open: Lineages[] = [];
  const kafka = () =>
    connectKafka(Object.assign(new KafkaSettings(), { KAFKA_BROKERS: cluster.address }), 'several', logger);
  const lineagesOf = async (): Promise<Lineages> => {
    const lineages = new Lineages(kafka(), logger);
    open.push(lineages);
    await lineages.connect();
    return lineages;
  };
  beforeAll(async () => {
    cluster = await startKafkaCluster();
  }, 240_000);
  afterAll(async () => {
    await Promise.all(open.map((lineages) => lineages.close()));
    await cluster?.stop();
  }, 60_000);

  it('a partition is found again after its leader has moved, though the old one lives on', async () => {
    const lineages = await lineagesOf();
    const topic = `test.${randomUUID()}`;
    await ensureTopics(kafka(), [{ topic, partitions: 1 }], 1);
    await produce(
      ['a', 'b'].map((value) => ({ topic, value })),
      cluster.address,
    );
    const before = await lineages.of(topic, 0);
    const from = (await cluster.leaderOf(topic, 0)) ?? 0;
    const to = (from % 3) + 1;
    await moveTo([to]);
    await eventually('another one leads', async () => (await cluster.leaderOf(topic, 0)) === to, SLOW);
    await moveTo([to, from]);
    await eventually('the old one follows', async () => (await cluster.inSync(topic, 0)).includes(from), SLOW);
    const after = await lineages.of(topic, 0, before);
    expect(after.topicId).toBe(before.topicId);
    expect(after.epoch).toBeGreaterThan(before.epoch ?? 0);
    expect(await lineages.endOf(topic, 0, before.epoch ?? 0, after)).toBe(2);

    function moveTo(replicas: number[]): Promise<void> {
      return withAdmin(cluster.address, (admin) =>
        admin.alterPartitionReassignments({
          topics: [{ topic, partitionAssignment: [{ partition: 0, replicas }] }],
        }),
      );
    }
  }, 120_000);

  it('an old leader that wakes up is not believed by whoever has read its successor', async () => {
    const topic = await createTopic(1, cluster.address);
    const [knowing, careless] = [await lineagesOf(), await lineagesOf()];
    const before = await knowing.of(topic, 0);
    await careless.of(topic, 0);
    const old = (await cluster.leaderOf(topic, 0)) ?? 0;
    const others = cluster.nodes.filter((_, index) => index !== old - 1).map(({ address }) => address);
    const { pid } = cluster.nodes[old - 1] ?? { pid: 0 };
    // Of a client that does not wait half a minute for the one that sleeps.
    const impatient = new Kafka({ brokers: others, requestTimeout: 1_000, logLevel: logLevel.NOTHING });
    const successor = new Lineages(impatient, logger);
    open.push(successor);
    send(pid, 'SIGSTOP');
    try {
      const now = await eventually(
        'another one leads',
        async () => {
          await successor.connect();
          const told = await successor.of(topic, 0, before);
          return (told.epoch ?? 0) > (before.epoch ?? 0) ? told : null;
        },
        SLOW,
      );
      // Asked while it sleeps, it answers when it wakes up, and with what it knew before.
      const [first, second] = [careless.of(topic, 0), knowing.of(topic, 0, now)];
      // Until both questions are with it.
      await sleep(300);
      send(pid, 'SIGCONT');
      expect(await first).toEqual(before);
      expect(await second).toEqual(now);
    } finally {
      send(pid, 'SIGCONT');
    }
    // Until the others let it lead again: of a topic made before, whoever comes first to lead would be another one.
    await eventually('it is back', async () => (await cluster.inSync(topic, 0)).includes(old), SLOW);
  }, 120_000);

  it('messages are sent to the leader that comes after another one, though it has had its own share', async () => {
    const topic = `test.${randomUUID()}`;
    await withAdmin(cluster.address, (admin) =>
      admin.createTopics({
        waitForLeaders: false,
        topics: [
          {
            topic,
            replicaAssignment: [
              { partition: 0, replicas: [1, 3] },
              { partition: 1, replicas: [2, 3] },
            ],
          },
        ],
      }),
    );
    await eventually('it is led', async () => (await cluster.leaderOf(topic, 1)) === 2, SLOW);
    const producer = await createProducer(kafka());
    const sendBoth = async (value: string): Promise<Set<number>> => {
      const sent = await producer.send(
        topic,
        [0, 1].map((partition) => ({ key: null, value, partition })),
      );
      return new Set(sent.map(({ partition }) => partition));
    };
    expect(await sendBoth('to two leaders')).toEqual(new Set([0, 1]));
    await withAdmin(cluster.address, (admin) =>
      admin.alterPartitionReassignments({
        topics: [{ topic, partitionAssignment: [{ partition: 1, replicas: [1, 3] }] }],
      }),
    );
    await eventually('one leads both', async () => (await cluster.leaderOf(topic, 1)) === 1, SLOW);
    expect(await sendBoth('to one')).toEqual(new Set([0, 1]));
    await producer.close();
    expect(await endOffsets(topic, cluster.address)).toEqual([2, 2]);
  }, 120_000);

  it('topics have the replicas that the operator names, and one that would be lost with its broker is told', async () => {
    const told: string[] = [];
    const environment = { KAFKA_BROKERS: cluster.address, LEDGER_TOPIC_SOURCES: '*' };
    const made = await makeTopics({ ...environment, KAFKA_REPLICATION_FACTOR: '1' }, (text) => told.push(text));
    expect(told.map((text) => text.split(' ')[0])).toEqual(made);
    for (const topic of made) await removeTopic(topic, cluster.address);
    told.length = 0;
    await makeTopics({ ...environment, KAFKA_REPLICATION_FACTOR: '3' }, (text) => told.push(text));
    expect(told).toEqual([]);
    await withAdmin(cluster.address, async (admin) => {
      const { topics } = await admin.fetchTopicMetadata({ topics: made });
      const counts = topics.flatMap(({ partitions }) => partitions.map(({ replicas }) => replicas.length));
      expect(new Set(counts)).toEqual(new Set([3]));
    });
    await expect(makeTopics({ ...environment, KAFKA_REPLICATION_FACTOR: 'many' })).rejects.toThrow(
      'KAFKA_REPLICATION_FACTOR',
    );
  }, 120_000);
});
