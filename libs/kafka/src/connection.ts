import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { IsIn, IsOptional, IsString, Matches } from 'class-validator';
import { Kafka as KafkaClient, type KafkaConfig, logLevel, type SASLOptions } from 'kafkajs';
import type { Logger } from 'pino';
import { ConfigError } from '#app/runtime';
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

  /** PEM file of the authorities that may sign the brokers' certificates; those of the system when absent. */
  @IsOptional()
  @IsString()
  KAFKA_SSL_CA_FILE?: string;

  /** PEM files of our own certificate and its key, where the brokers ask for one. */
  @IsOptional()
  @IsString()
  KAFKA_SSL_CERT_FILE?: string;

  @IsOptional()
  @IsString()
  KAFKA_SSL_KEY_FILE?: string;

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
 *
 * @throws ConfigError when the settings for TLS or SASL are not whole, or a file cannot be read
 */
export function connectKafka(settings: KafkaSettings, clientId: string, logger: Logger): Kafka {
  // The new default partitioner is what publishers in other languages use; its warning is for upgrades from kafkajs 1.
  process.env['KAFKAJS_NO_PARTITIONER_WARNING'] = '1';
  const sasl = saslOf(settings);
  const config: KafkaConfig = {
    clientId,
    brokers: settings.KAFKA_BROKERS.split(','),
    ssl: tlsOf(settings),
    connectionTimeout: 3000,
    requestTimeout: 30_000,
    retry: { initialRetryTime: 200, maxRetryTime: 3000, retries: 6 },
    logLevel: logLevel.INFO,
    logCreator: logThrough(logger),
    ...(sasl === undefined ? {} : { sasl }),
  };
  return new KafkaClient(config);
}

function tlsOf(settings: KafkaSettings): ConnectionOptions | boolean {
  const { KAFKA_SSL_CA_FILE, KAFKA_SSL_CERT_FILE, KAFKA_SSL_KEY_FILE } = settings;
  const files = { KAFKA_SSL_CA_FILE, KAFKA_SSL_CERT_FILE, KAFKA_SSL_KEY_FILE };
  const given = Object.entries(files).flatMap(([name, file]) => (file === undefined ? [] : [[name, file] as const]));
  if (settings.KAFKA_SSL !== 'true') {
    if (given.length === 0) return false;
    // Whoever names an authority believes that the connection is protected.
    throw new ConfigError(given.map(([name]) => `${name} is given, but KAFKA_SSL is not true`));
  }
  if ((KAFKA_SSL_CERT_FILE === undefined) !== (KAFKA_SSL_KEY_FILE === undefined)) {
    throw new ConfigError(['KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE must be given together']);
  }
  const pem = Object.fromEntries(given.map(([name, file]) => [name, readPem(name, file)]));
  return {
    ...(KAFKA_SSL_CA_FILE === undefined ? {} : { ca: pem['KAFKA_SSL_CA_FILE'] }),
    ...(KAFKA_SSL_CERT_FILE === undefined ? {} : { cert: pem['KAFKA_SSL_CERT_FILE'], key: pem['KAFKA_SSL_KEY_FILE'] }),
  };
}

function readPem(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError([`${name}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`]);
  }
}

function saslOf(settings: KafkaSettings): SASLOptions | undefined {
  if (settings.KAFKA_SASL_MECHANISM === undefined) return undefined;
  if (!settings.KAFKA_SASL_USERNAME || !settings.KAFKA_SASL_PASSWORD) {
    throw new ConfigError(['KAFKA_SASL_MECHANISM needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD']);
  }
  if (settings.KAFKA_SASL_MECHANISM === 'plain' && settings.KAFKA_SSL !== 'true') {
    throw new ConfigError(['KAFKA_SASL_MECHANISM=plain sends the password readable: it needs KAFKA_SSL=true']);
  }
  const credentials = {
    username: settings.KAFKA_SASL_USERNAME,
    password: settings.KAFKA_SASL_PASSWORD,
  };
  const mechanism = MECHANISMS.find((known) => known === settings.KAFKA_SASL_MECHANISM);
  // One branch each: the client's type ties the mechanism to its credentials.
  if (mechanism === 'plain') return { mechanism, ...credentials };
  if (mechanism === 'scram-sha-256') return { mechanism, ...credentials };
  if (mechanism === 'scram-sha-512') return { mechanism, ...credentials };
  return undefined;
}
