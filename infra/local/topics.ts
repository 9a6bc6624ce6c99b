import path from 'node:path';
import { ownReportsTopics, parseTopicSources, TOPICS } from '#app/contract';
import { connectKafka, ensureTopics, KafkaSettings, readTopics, topicsOfOneReplica } from '#app/kafka';
import { loadConfig } from '#app/runtime';
import { IsOptional, Matches } from 'class-validator';
import { pino } from 'pino';
import { checkoutFolder } from './folders.js';

class TopicSettings extends KafkaSettings {
  /** Replicas of each partition of a topic that is made. Absent: `default.replication.factor` of the brokers. */
  @IsOptional()
  @Matches(/^[1-9]\d?$/, { message: 'KAFKA_REPLICATION_FACTOR must be a number of brokers' })
  KAFKA_REPLICATION_FACTOR?: string;
}

/**
 * Makes the topics of infra/kafka/topics.json that are missing, and those of publishers' own that LEDGER_TOPIC_SOURCES names;
 * KAFKA_BROKERS and its like say where.
 *
 * @param warn is told of topics, new or old, that are lost with one broker of several
 */
export async function makeTopics(
  environment: NodeJS.ProcessEnv,
  warn: (text: string) => void = () => undefined,
): Promise<string[]> {
  const settings = loadConfig(TopicSettings, environment);
  // The client's own complaints (a broker that is still loading) are retried inside; what stays wrong is thrown.
  const kafka = connectKafka(settings, 'ledger-topics', pino({ level: 'silent' }));
  const declared = await readTopics(path.join(checkoutFolder(), 'infra', 'kafka', 'topics.json'));
  const own = ownReportsTopics(parseTopicSources(environment['LEDGER_TOPIC_SOURCES'] || '*'));
  const asReports = declared.filter(({ topic }) => topic === TOPICS.REPORTS);
  const topics = [...declared, ...own.flatMap((topic) => asReports.map((spec) => ({ ...spec, topic })))];
  const { KAFKA_REPLICATION_FACTOR: replicas } = settings;
  const made = await ensureTopics(kafka, topics, replicas === undefined ? undefined : Number(replicas));
  const names = topics.map(({ topic }) => topic);
  for (const topic of await topicsOfOneReplica(kafka, names)) {
    warn(`${topic} has one replica though there are several brokers: it is lost with its broker (docs/operators.md)`);
  }
  return made;
}
