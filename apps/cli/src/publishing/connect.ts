import { pino } from 'pino';
import { connectKafka, type Kafka, KafkaSettings } from '#app/kafka';
import { ConfigError, loadConfig } from '#app/runtime';
import { type Environment, needKafka } from '../environment.js';
import { unreachable, usageError } from '../exit-codes.js';

export interface Broker {
  kafka: Kafka;
  brokers: string;
}

/** The client for the brokers of the environment; nothing is opened yet. Its own log stays silent: this is a terminal. */
export function broker(environment: Environment): Broker {
  const brokers = needKafka(environment);
  try {
    const settings = loadConfig(KafkaSettings, { ...process.env, KAFKA_BROKERS: brokers });
    return { brokers, kafka: connectKafka(settings, 'ledger-cli', pino({ level: 'silent' })) };
  } catch (error) {
    if (error instanceof ConfigError) throw usageError(error.message);
    throw error;
  }
}

/** Offset after the last message, by partition. */
export type EndOffsets = ReadonlyMap<number, number>;

/** @throws CommandError with exit code 3 */
export async function endOffsets(target: Broker, topic: string): Promise<EndOffsets> {
  const offsets = await asked(target, (admin) => admin.fetchTopicOffsets(topic));
  return new Map(offsets.map(({ partition, high }) => [partition, Number(high)]));
}

/** Topics that there are and that we may see. @throws CommandError with exit code 3 */
export function topicNames(target: Broker): Promise<string[]> {
  return asked(target, (admin) => admin.listTopics());
}

async function asked<T>(
  { kafka, brokers }: Broker,
  ask: (admin: ReturnType<Kafka['admin']>) => Promise<T>,
): Promise<T> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await ask(admin);
  } catch (error) {
    throw unreachable(`Kafka at ${brokers}`, (error as Error).message);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}
