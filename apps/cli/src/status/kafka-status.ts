import { isReportsTopic, TOPICS } from '#app/contract';
import { clusterId } from '#app/kafka';
import type { Environment } from '../environment.js';
import { broker, endOffsets, topicNames } from '../publishing/connect.js';
import type { Cursor } from './database-status.js';

export interface PartitionStatus {
  topic: string;
  partition: number;
  /** Offset after the last message. */
  end: number;
  /** Offset of the first message that the log does not have; null while the database cannot be asked. */
  next: number | null;
  lag: number | null;
}

export interface KafkaStatus {
  cluster: string;
  partitions: PartitionStatus[];
}

/** The topics that ingest reads, beside how far the log has them. @throws CommandError when the broker does not answer */
export async function kafkaStatus(environment: Environment, cursors: readonly Cursor[] | null): Promise<KafkaStatus> {
  const target = broker(environment);
  const partitions: PartitionStatus[] = [];
  const ends = [];
  const cluster = await clusterId(target.kafka);
  const there = new Set(await topicNames(target));
  // Publishers' own topics are those that ingest has begun to read on this cluster, unless they were deleted since.
  const own = (cursors ?? [])
    .filter((one) => one.cluster === cluster && isReportsTopic(one.topic) && there.has(one.topic))
    .map(({ topic }) => topic);
  for (const topic of new Set([TOPICS.REPORTS, TOPICS.DECISIONS, ...own]))
    ends.push({ topic, offsets: await endOffsets(target, topic) });
  for (const { topic, offsets } of ends) {
    for (const [partition, end] of [...offsets].toSorted(([a], [b]) => a - b)) {
      const found = cursors?.find(
        (one) => one.cluster === cluster && one.topic === topic && one.partition === partition,
      );
      const next = cursors === null ? null : (found?.next ?? 0);
      partitions.push({ topic, partition, end, next, lag: next === null ? null : Math.max(0, end - next) });
    }
  }
  return { cluster, partitions };
}
