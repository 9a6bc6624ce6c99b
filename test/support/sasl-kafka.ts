import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startKafka } from '../../infra/local/kafka-broker.js';
import { findJava, type KafkaProgram, kafkaProgram } from '../../infra/local/kafka-jars.js';
import { freePort } from '../../infra/local/ports.js';
import { runFolder } from './run-folder.js';

export interface SaslKafka {
  /** In clear and without a name (`User:ANONYMOUS`), for what the test itself does. */
  plain: string;
  /** For those who say who they are. */
  secured: string;
  stop(): Promise<void>;
}

/**
 * A broker with a second listener that asks for SCRAM-SHA-512.
 *
 * @param users password by name
 * @param settings lines of its server.properties beside ours
 */
export async function startSaslKafka(
  protocol: 'SASL_SSL' | 'SASL_PLAINTEXT',
  users: Readonly<Record<string, string>>,
  settings: readonly string[],
): Promise<SaslKafka> {
  const program = await kafkaProgram(findJava());
  const folder = mkdtempSync(path.join(runFolder(), 'kafka-sasl-'));
  const port = await freePort();
  const controller = await freePort(port);
  const secured = await freePort(controller);
  const all = [
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller},${protocol}://127.0.0.1:${secured}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${port},${protocol}://127.0.0.1:${secured}`,
    `controller.quorum.voters=1@127.0.0.1:${controller}`,
    `listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,${protocol}:${protocol}`,
    'sasl.enabled.mechanisms=SCRAM-SHA-512',
    `listener.name.${protocol.toLowerCase()}.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;`,
    ...settings,
  ];
  const broker = path.join(folder, 'broker');
  formatWithUsers(program, { folder: broker, settings: all, users });
  const logFile = path.join(folder, 'log');
  const running = await startKafka({ folder: broker, logFile, program, heap: 256, settings: all, port });
  return { plain: running.brokers, secured: `127.0.0.1:${secured}`, stop: () => running.stop() };
}

/** Users for SCRAM can be made while a folder is formatted, and by no tool that comes with our jars afterwards. */
function formatWithUsers(
  { java, jars }: KafkaProgram,
  { folder, settings, users }: { folder: string; settings: readonly string[]; users: Readonly<Record<string, string>> },
): void {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'format.properties');
  const base = [
    'process.roles=broker,controller',
    'node.id=1',
    'controller.listener.names=CONTROLLER',
    'inter.broker.listener.name=PLAINTEXT',
  ];
  writeFileSync(file, [...base, ...settings, `log.dirs=${path.join(folder, 'data')}`, ''].join('\n'));
  const args = ['-cp', `${jars}/*`, 'kafka.tools.StorageTool', 'format', '--config', file];
  const run = spawnSync(
    java,
    [...args, '--cluster-id', 'AAAAAAAAAAAAAAAAAAAAAQ'].concat(
      Object.entries(users).flatMap(([name, password]) => [
        '--add-scram',
        `SCRAM-SHA-512=[name=${name},password=${password}]`,
      ]),
    ),
    { encoding: 'utf8' },
  );
  if (run.status !== 0) throw new Error(`Kafka's data folder could not be made: ${run.stderr}${run.stdout}`);
}
