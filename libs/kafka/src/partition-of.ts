import { Partitioners } from 'kafkajs';
import type { Kafka } from './connection.js';

const choose = Partitioners.DefaultPartitioner();

/**
 * The partition that the default partitioner (murmur2, as in Java clients) gives to a key. A caller that assigns
 * partitions itself knows the offset of each message of a batch, and still agrees with every other publisher.
 */
export function partitionOf(topic: string, key: string, partitions: number): number {
  const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
    partitionErrorCode: 0,
    partitionId,
    leader: 0,
    replicas: [],
    isr: [],
  }));
  return choose({ topic, partitionMetadata, message: { key, value: null } });
}

/** Number of partitions of a topic. @throws when the topic does not exist or Kafka does not answer */
export async function partitionCount(kafka: Kafka, topic: string): Promise<number> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const count = topics[0]?.partitions.length ?? 0;
    if (count === 0) throw new Error(`topic ${topic} has no partitions`);
    return count;
  } finally {
    await admin.disconnect();
  }
}
