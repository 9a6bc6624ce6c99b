import path from 'node:path';
import { ownReportsTopics, parseTopicSources, TOPICS } from '#app/contract';
import { connectKafka, ensureTopics, KafkaSettings, readTopics } from '#app/kafka';
import { loadConfig } from '#app/runtime';
import { pino } from 'pino';
import { checkoutFolder } from './folders.js';

/**
 * Makes the topics of infra/kafka/topics.json that are missing, and those of publishers' own that LEDGER_TOPIC_SOURCES names;
 * KAFKA_BROKERS and its like say where.
 */
export async function makeTopics(environment: NodeJS.ProcessEnv): Promise<string[]> {
  const settings = loadConfig(KafkaSettings, environment);
  // The client's own complaints (a broker that is still loading) are retried inside; what stays wrong is thrown.
  const kafka = connectKafka(settings, 'ledger-topics', pino({ level: 'silent' }));
  const declared = await readTopics(path.join(checkoutFolder(), 'infra', 'kafka', 'topics.json'));
  const own = ownReportsTopics(parseTopicSources(environment['LEDGER_TOPIC_SOURCES'] || '*'));
  const asReports = declared.filter(({ topic }) => topic === TOPICS.REPORTS);
  return await ensureTopics(kafka, [
    ...declared,
    ...own.flatMap((topic) => asReports.map((spec) => ({ ...spec, topic }))),
  ]);
}
