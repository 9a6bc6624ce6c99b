import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { type RunningKafka, startKafka } from '../../infra/local/kafka-broker.js';
import { findJava, kafkaProgram } from '../../infra/local/kafka-jars.js';
import { freePort } from '../../infra/local/ports.js';
import { postgresAccount } from '../../infra/local/postgres-binaries.js';
import type { Certificates, Pair } from './certificates.js';
import { type Dedicated, startDedicatedPostgres } from './dedicated.js';
import { runFolder } from './run-folder.js';

export interface TlsPostgres extends Dedicated {
  /** Shows another certificate from now on. */
  present(pair: Pair): Promise<void>;
}

/** A PostgreSQL that lets nobody in without TLS. `address` names no certificate. */
export async function startTlsPostgres({ server }: Certificates): Promise<TlsPostgres> {
  const postgres = await startDedicatedPostgres();
  await change(postgres.address, server, ['ALTER SYSTEM SET ssl = on']);
  const file = path.join(postgres.folder, 'cluster', 'data', 'pg_hba.conf');
  writeFileSync(file, 'hostssl all all 127.0.0.1/32 scram-sha-256\n');
  await change(postgres.address, server, []);
  return { ...postgres, present: (pair) => change(`${postgres.address}?sslmode=no-verify`, pair, []) };
}

async function change(address: string, { cert, key }: Pair, statements: readonly string[]): Promise<void> {
  const { uid, gid } = postgresAccount();
  chmodSync(key, 0o600);
  if (uid !== undefined && gid !== undefined) chownSync(key, uid, gid);
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  for (const statement of [
    `ALTER SYSTEM SET ssl_cert_file = '${cert}'`,
    `ALTER SYSTEM SET ssl_key_file = '${key}'`,
    ...statements,
    'SELECT pg_reload_conf()',
    'SELECT pg_sleep(0.5)',
  ]) {
    await client.query(statement);
  }
  await client.end();
}

export const SASL_USER = { username: 'ledger', password: 'a-password-of-kafka' } as const;

/** A broker with a second listener for TLS with client certificates and SCRAM-SHA-512. */
export interface TlsKafka {
  /** In clear, for what the test itself does. */
  plain: string;
  secured: string;
  stop(): Promise<void>;
}

export async function startTlsKafka(certificates: Certificates): Promise<TlsKafka> {
  const program = await kafkaProgram(findJava());
  const folder = mkdtempSync(path.join(runFolder(), 'kafka-tls-'));
  const port = await freePort();
  const controller = await freePort(port);
  const secured = await freePort(controller);
  const keystore = path.join(folder, 'keystore.pem');
  writeFileSync(
    keystore,
    readFileSync(certificates.server.key, 'utf8') + readFileSync(certificates.server.cert, 'utf8'),
  );
  const settings = [
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller},SASL_SSL://127.0.0.1:${secured}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${port},SASL_SSL://127.0.0.1:${secured}`,
    `controller.quorum.voters=1@127.0.0.1:${controller}`,
    'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL',
    'sasl.enabled.mechanisms=SCRAM-SHA-512',
    'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;',
    'listener.name.sasl_ssl.ssl.client.auth=required',
    'ssl.keystore.type=PEM',
    `ssl.keystore.location=${keystore}`,
    'ssl.truststore.type=PEM',
    `ssl.truststore.location=${certificates.ca}`,
  ];
  const broker = path.join(folder, 'broker');
  formatWithUser({ ...program, folder: broker, settings });
  const running: RunningKafka = await startKafka({
    folder: broker,
    logFile: path.join(folder, 'log'),
    program,
    heap: 256,
    settings,
    port,
  });
  return { plain: running.brokers, secured: `127.0.0.1:${secured}`, stop: () => running.stop() };
}

/** A user for SCRAM can be made while a folder is formatted, and by no tool that comes with our jars afterwards. */
function formatWithUser(options: { java: string; jars: string; folder: string; settings: readonly string[] }): void {
  mkdirSync(options.folder, { recursive: true });
  const file = path.join(options.folder, 'format.properties');
  const base = [
    'process.roles=broker,controller',
    'node.id=1',
    'controller.listener.names=CONTROLLER',
    'inter.broker.listener.name=PLAINTEXT',
  ];
  writeFileSync(file, [...base, ...options.settings, `log.dirs=${path.join(options.folder, 'data')}`, ''].join('\n'));
  const { username, password } = SASL_USER;
  const run = spawnSync(
    options.java,
    [
      '-cp',
      `${options.jars}/*`,
      'kafka.tools.StorageTool',
      'format',
      '--cluster-id',
      'AAAAAAAAAAAAAAAAAAAAAQ',
      '--config',
      file,
    ].concat('--add-scram', `SCRAM-SHA-512=[name=${username},password=${password}]`),
    { encoding: 'utf8' },
  );
  if (run.status !== 0) throw new Error(`Kafka's data folder could not be made: ${run.stderr}${run.stdout}`);
}
