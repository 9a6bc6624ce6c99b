import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import type { Kafka } from './connection.js';

const LEADERS_WITHIN_MS = 30_000;

export interface TopicSpec {
  topic: string;
  partitions: number;
  config?: Record<string, string>;
}

/** The topics that infra/kafka/topics.json declares. */
export async function readTopics(file: string): Promise<TopicSpec[]> {
  return JSON.parse(await readFile(file, 'utf8')) as TopicSpec[];
}

/** From so many replicas on, one may be missing and two still have each message. */
const SAFE_REPLICAS = 3;

/**
 * Creates the topics that are missing; what exists is left as its operator set it up.
 *
 * Safe when several processes do it at once.
 * @param replicas of each partition; from three on a message is acknowledged when two have it, whatever the brokers' default.
 * Default: what the brokers are set to, of both
 * @returns the names of the topics made by this call
 */
export async function ensureTopics(kafka: Kafka, topics: readonly TopicSpec[], replicas?: number): Promise<string[]> {
  const safe = replicas !== undefined && replicas >= SAFE_REPLICAS ? { 'min.insync.replicas': '2' } : {};
  const admin = kafka.admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const missing = topics.filter(({ topic }) => !existing.has(topic));
    if (missing.length === 0) return [];
    await admin.createTopics({
      waitForLeaders: false,
      topics: missing.map(({ topic, partitions, config }) => ({
        topic,
        numPartitions: partitions,
        ...(replicas === undefined ? {} : { replicationFactor: replicas }),
        configEntries: Object.entries({ ...safe, ...config }).map(([name, value]) => ({ name, value })),
      })),
    });
    const made = missing.map(({ topic }) => topic);
    await untilLed(admin, made);
    return made;
  } finally {
    await admin.disconnect();
  }
}

/**
 * Which of the topics are lost with one broker, though there are several: the default of Kafka is a single replica.
 * One whose replicas nobody can tell at the moment is not named.
 */
export async function topicsOfOneReplica(kafka: Kafka, topics: readonly string[]): Promise<string[]> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const { brokers } = await admin.describeCluster();
    if (brokers.length < 2) return [];
    const lonely: string[] = [];
    for (const topic of topics) {
      // Each by itself: of one without a leader, or that may not be described, the client tells nothing, nor of those asked for with it.
      const described = await admin.fetchTopicMetadata({ topics: [topic] }).catch(() => ({ topics: [] }));
      const partitions = described.topics.flatMap((one) => one.partitions);
      if (partitions.some(({ replicas }) => replicas.length < 2)) lonely.push(topic);
    }
    return lonely;
  } finally {
    await admin.disconnect();
  }
}

/** The client's own wait gives up when a broker has not heard of the topic yet, which is what one waits for. */
async function untilLed(admin: Admin, topics: string[]): Promise<void> {
  const deadline = Date.now() + LEADERS_WITHIN_MS;
  for (;;) {
    const described = await admin.fetchTopicMetadata({ topics }).catch((error: Error) => error);
    const found = described instanceof Error ? [] : described.topics;
    const isLed = found.every(
      ({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0),
    );
    if (found.length > 0 && isLed) return;
    if (Date.now() > deadline) throw new Error(`the topics ${topics.join(', ')} have no leaders yet`);
    await sleep(50);
  }
}

/** The cluster's own id: part of every cursor's key, so that another cluster's offsets are never taken for ours. */
export async function clusterId(kafka: Kafka): Promise<string> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const cluster = await admin.describeCluster();
    return cluster.clusterId;
  } finally {
    await admin.disconnect();
  }
}
