import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { checkoutFolder } from './folders.js';
import type { RunningKafka } from './kafka-broker.js';
import { waitForBroker } from './kafka-probe.js';
import { preferPort } from './ports.js';

/** The same version as the jars of infra/kafka/pom.xml. */
const IMAGE = 'apache/kafka:4.4.0';

export function isDockerRunning(): boolean {
  return spawnSync('docker', ['info'], { stdio: 'ignore', timeout: 20_000 }).status === 0;
}

/** A broker in a container of this checkout's own; its data is in a volume of the same name and stays. */
export async function startKafkaContainer(preferred: number | undefined): Promise<RunningKafka> {
  const name = `conflict-ledger-${createHash('sha256').update(checkoutFolder()).digest('hex').slice(0, 12)}`;
  const running = publishedPort(name);
  const port = running ?? (await preferPort(preferred));
  if (running === null) {
    docker(['rm', '--force', name]); // one that a killed start or a reboot left stopped, with a port of then
    const made = docker(['run', '--detach', '--name', name, ...runOptions(name, port), IMAGE]);
    if (made.status !== 0) throw new Error(`Docker could not start ${IMAGE}: ${made.stderr}`);
  }
  const brokers = `127.0.0.1:${port}`;
  if (!(await waitForBroker(brokers, 120_000, () => publishedPort(name) !== null))) {
    throw new Error(`Kafka in container ${name} did not start:\n${docker(['logs', '--tail', '40', name]).stdout}`);
  }
  return {
    brokers,
    port,
    pid: null,
    adopted: running !== null,
    stop: () => {
      docker(['stop', '--time', '30', name]);
      docker(['rm', '--force', name]);
      return Promise.resolve();
    },
  };
}

/** The port on the host of a container that runs; null when it does not. */
function publishedPort(name: string): number | null {
  const asked = docker(['inspect', '--format', '{{.State.Running}} {{json .HostConfig.PortBindings}}', name]);
  const [state, bindings] = asked.stdout.trim().split(/ (.*)/s);
  if (asked.status !== 0 || state !== 'true') return null;
  return Number(/"HostPort":"(\d+)"/.exec(bindings ?? '')?.[1]);
}

function runOptions(name: string, port: number): string[] {
  const environment = {
    KAFKA_PROCESS_ROLES: 'broker,controller',
    KAFKA_NODE_ID: '1',
    KAFKA_LISTENERS: `PLAINTEXT://0.0.0.0:${port},CONTROLLER://127.0.0.1:9093`,
    KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port}`,
    KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
    KAFKA_CONTROLLER_QUORUM_VOTERS: '1@127.0.0.1:9093',
    KAFKA_INTER_BROKER_LISTENER_NAME: 'PLAINTEXT',
    KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    KAFKA_LOG_DIRS: '/var/lib/kafka/data',
    KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
    KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
    KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
    KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR: '1',
    KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR: '1',
    KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
    KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
    KAFKA_MESSAGE_MAX_BYTES: '4194304',
  };
  return [
    ...['--publish', `127.0.0.1:${port}:${port}`, '--volume', `${name}:/var/lib/kafka/data`],
    ...Object.entries(environment).flatMap(([variable, value]) => ['--env', `${variable}=${value}`]),
  ];
}

function docker(args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync('docker', args, { encoding: 'utf8' });
  return { status, stdout: stdout ?? '', stderr: stderr ?? '' };
}
