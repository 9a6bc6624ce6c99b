import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureTopics, type TopicSpec } from '#app/kafka';
import { repositoryRoot } from '#app/runtime';
import kafkajs, { type Admin, Kafka, logLevel } from 'kafkajs';

process.env['KAFKAJS_NO_PARTITIONER_WARNING'] = '1';

/** A message as raw as it goes over the wire. */
export interface RawMessage {
  topic?: string;
  partition?: number;
  key?: string | Buffer | null;
  value: string | Buffer | null;
  headers?: Record<string, string | Buffer>;
  /** Milliseconds since 1970 that the producer claims; kept by a topic of message.timestamp.type=CreateTime only. */
  timestamp?: string;
}

export interface Sent {
  topic: string;
  partition: number;
  /** Of the first message of the call in that partition. */
  offset: number;
}

export const REPORTS_TOPIC = 'conflict.reports.v1';

export function testBrokers(): string {
  const brokers = process.env['TEST_KAFKA_BROKERS'];
  if (!brokers) throw new Error('TEST_KAFKA_BROKERS is not set: run this test through npm test, which starts a Kafka');
  return brokers;
}

export function kafkaClient(brokers = testBrokers()): Kafka {
  return new Kafka({
    clientId: 'test',
    brokers: brokers.split(','),
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, retries: 12 },
  });
}

/**
 * The contract's topics, empty: deleted if they are there and made as infra/kafka/topics.json says. Their names are
 * fixed, so two systems cannot share one cluster at the same time; e2e tests run one after the other.
 */
export async function freshTopics(brokers = testBrokers(), partitions?: number): Promise<void> {
  await makeAnew(declaredTopics(), partitions, brokers);
}

/** One of the contract's topics, empty. */
export async function freshTopic(topic: string, partitions: number, brokers = testBrokers()): Promise<void> {
  await makeAnew(
    declaredTopics().filter((spec) => spec.topic === topic),
    partitions,
    brokers,
  );
}

async function makeAnew(specs: readonly TopicSpec[], partitions: number | undefined, brokers: string): Promise<void> {
  await withAdmin(brokers, (admin) =>
    deleteTopics(
      admin,
      specs.map(({ topic }) => topic),
    ),
  );
  await ensureTopics(
    kafkaClient(brokers),
    specs.map((spec) => (spec.topic === REPORTS_TOPIC ? { ...spec, partitions: partitions ?? spec.partitions } : spec)),
  );
}

function declaredTopics(): TopicSpec[] {
  return JSON.parse(readFileSync(path.join(repositoryRoot(), 'infra/kafka/topics.json'), 'utf8')) as TopicSpec[];
}

/** What infra/kafka/topics.json sets for one of the contract's topics. */
export function declaredConfig(topic: string): Record<string, string> {
  return declaredTopics().find((spec) => spec.topic === topic)?.config ?? {};
}

/** Resolves when no broker knows it any more. */
export function removeTopic(topic: string, brokers = testBrokers()): Promise<void> {
  return withAdmin(brokers, (admin) => deleteTopics(admin, [topic]));
}

/** A topic of a name nobody else has; for tests below the level of the whole system. */
export async function createTopic(partitions = 1, brokers = testBrokers()): Promise<string> {
  const topic = `test.${randomUUID()}`;
  await ensureTopics(kafkaClient(brokers), [{ topic, partitions, config: { 'max.message.bytes': '4194304' } }]);
  return topic;
}

/** Sends messages as they are, acknowledged by the broker, in order per partition. */
export async function produce(messages: readonly RawMessage[], brokers = testBrokers()): Promise<Sent[]> {
  const producer = kafkaClient(brokers).producer({ allowAutoTopicCreation: false, idempotent: true });
  await producer.connect();
  try {
    const topics = new Set(messages.map(({ topic = REPORTS_TOPIC }) => topic));
    const sent = await producer.sendBatch({
      acks: -1,
      topicMessages: [...topics].map((topic) => ({
        topic,
        messages: messages
          .filter((message) => (message.topic ?? REPORTS_TOPIC) === topic)
          .map(({ partition, key = null, value, headers, timestamp }) => ({
            key,
            value,
            ...(headers ? { headers } : {}),
            ...(timestamp === undefined ? {} : { timestamp }),
            ...(partition === undefined ? {} : { partition }),
          })),
      })),
    });
    return sent.map(({ topicName, partition, baseOffset }) => ({
      topic: topicName,
      partition,
      offset: Number(baseOffset),
    }));
  } finally {
    await producer.disconnect();
  }
}

/** As on a topic that was made without our settings: times are what producers claim. */
export async function believeProducersTimes(topic: string, brokers = testBrokers()): Promise<void> {
  const claimed = {
    'max.message.bytes': '4194304',
    'message.timestamp.type': 'CreateTime',
    'message.timestamp.after.max.ms': '9223372036854775807',
  };
  await setTopicConfig(topic, claimed, brokers);
}

/** The configuration of a topic from here on; what is not named is the broker's default again. */
export async function setTopicConfig(
  topic: string,
  config: Record<string, string>,
  brokers = testBrokers(),
): Promise<void> {
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  await withAdmin(brokers, (admin) =>
    admin.alterConfigs({
      validateOnly: false,
      // Node does not see this export of a CommonJS module by its name.
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries }],
    }),
  );
}

/** How many messages each partition holds: [end offset of partition 0, of partition 1, …]. */
export async function endOffsets(topic: string, brokers = testBrokers()): Promise<number[]> {
  let offsets: number[] = [];
  await withAdmin(brokers, async (admin) => {
    const listed = await admin.fetchTopicOffsets(topic);
    offsets = listed.toSorted((a, b) => a.partition - b.partition).map(({ high }) => Number(high));
  });
  return offsets;
}

/** Reads `count` messages from the start of a topic with a group of its own. */
export async function consume(
  topic: string,
  count: number,
  { brokers = testBrokers(), timeoutMs = 30_000 } = {},
): Promise<{ key: Buffer | null; value: Buffer | null; headers: Record<string, string> }[]> {
  const consumer = kafkaClient(brokers).consumer({ groupId: `test-${randomUUID()}` });
  const received: { key: Buffer | null; value: Buffer | null; headers: Record<string, string> }[] = [];
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: ({ message }) => {
        const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]);
        received.push({ key: message.key, value: message.value, headers: Object.fromEntries(headers) });
        return Promise.resolve();
      },
    });
    const deadline = Date.now() + timeoutMs;
    while (received.length < count && Date.now() < deadline) await sleep(20);
    return received;
  } finally {
    await consumer.disconnect();
  }
}

export async function withAdmin(brokers: string, work: (admin: Admin) => Promise<unknown>): Promise<void> {
  const admin = kafkaClient(brokers).admin();
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.disconnect();
  }
}

async function deleteTopics(admin: Admin, topics: string[]): Promise<void> {
  const existing = new Set(await admin.listTopics());
  const doomed = topics.filter((topic) => existing.has(topic));
  if (doomed.length === 0) return;
  await admin.deleteTopics({ topics: doomed });
  while ((await admin.listTopics()).some((topic) => doomed.includes(topic))) await sleep(20);
}
