import path from 'node:path';
import { connectKafka, ensureTopics, KafkaSettings, readTopics } from '#app/kafka';
import { loadConfig } from '#app/runtime';
import { pino } from 'pino';
import { checkoutFolder } from './folders.js';

/** Makes the topics of infra/kafka/topics.json that are missing; KAFKA_BROKERS and its like say where. */
export async function makeTopics(environment: NodeJS.ProcessEnv): Promise<string[]> {
  const settings = loadConfig(KafkaSettings, environment);
  // The client's own complaints (a broker that is still loading) are retried inside; what stays wrong is thrown.
  const kafka = connectKafka(settings, 'ledger-topics', pino({ level: 'silent' }));
  return await ensureTopics(kafka, await readTopics(path.join(checkoutFolder(), 'infra', 'kafka', 'topics.json')));
}
