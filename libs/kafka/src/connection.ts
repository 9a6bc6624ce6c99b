import { IsIn, IsOptional, IsString, Matches } from 'class-validator';
import { Kafka as KafkaClient, type KafkaConfig, logLevel, type SASLOptions } from 'kafkajs';
import type { Logger } from 'pino';
import { logThrough } from './log-creator.js';

export type Kafka = KafkaClient;

const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

/** How to reach the brokers: the part of an app's configuration that concerns Kafka. Extend it in the app's class. */
export class KafkaSettings {
  @Matches(/^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$/, {
    message: 'KAFKA_BROKERS must list the brokers as host:port,host:port',
  })
  KAFKA_BROKERS!: string;

  @IsOptional()
  @IsIn(['true', 'false'], { message: 'KAFKA_SSL must be true or false' })
  KAFKA_SSL: string = 'false';

  @IsOptional()
  @IsIn(MECHANISMS, { message: `KAFKA_SASL_MECHANISM must be one of ${MECHANISMS.join(', ')}` })
  KAFKA_SASL_MECHANISM?: string;

  @IsOptional()
  @IsString()
  KAFKA_SASL_USERNAME?: string;

  @IsOptional()
  @IsString()
  KAFKA_SASL_PASSWORD?: string;
}

/**
 * A client for the cluster of `settings`. Nothing is opened yet.
 *
 * Retries last about 10 s: after that a consumer is rebuilt by its supervisor and a producer tells its caller.
 */
export function connectKafka(settings: KafkaSettings, clientId: string, logger: Logger): Kafka {
  // The new default partitioner is what publishers in other languages use; its warning is for upgrades from kafkajs 1.
  process.env['KAFKAJS_NO_PARTITIONER_WARNING'] = '1';
  const sasl = saslOf(settings);
  const config: KafkaConfig = {
    clientId,
    brokers: settings.KAFKA_BROKERS.split(','),
    ssl: settings.KAFKA_SSL === 'true',
    connectionTimeout: 3000,
    requestTimeout: 30_000,
    retry: { initialRetryTime: 200, maxRetryTime: 3000, retries: 6 },
    logLevel: logLevel.INFO,
    logCreator: logThrough(logger),
    ...(sasl === undefined ? {} : { sasl }),
  };
  return new KafkaClient(config);
}

function saslOf(settings: KafkaSettings): SASLOptions | undefined {
  const credentials = {
    username: settings.KAFKA_SASL_USERNAME ?? '',
    password: settings.KAFKA_SASL_PASSWORD ?? '',
  };
  const mechanism = MECHANISMS.find((known) => known === settings.KAFKA_SASL_MECHANISM);
  // One branch each: the client's type ties the mechanism to its credentials.
  if (mechanism === 'plain') return { mechanism, ...credentials };
  if (mechanism === 'scram-sha-256') return { mechanism, ...credentials };
  if (mechanism === 'scram-sha-512') return { mechanism, ...credentials };
  return undefined;
}
