import { setTimeout as sleep } from 'node:timers/promises';
import { localFolder } from './folders.js';
import { type RunningKafka, startKafka } from './kafka-broker.js';
import { isDockerRunning, startKafkaContainer } from './kafka-container.js';
import { areJarsThere, findJava, hasMaven, type JavaTools, kafkaProgram } from './kafka-jars.js';
import { isServing } from './kafka-probe.js';
import { logFile, readPorts, rememberPorts } from './local-state.js';
import { isPortTaken } from './ports.js';
import { StartProblem } from './start-problem.js';

/** How Kafka comes to this machine. */
export type KafkaWay = { kind: 'given'; brokers: string } | { kind: 'jars'; java: JavaTools } | { kind: 'container' };

/** Decided before anything is started, so that what is missing is said at once. */
export function chooseKafka(): KafkaWay {
  const brokers = process.env['KAFKA_BROKERS'];
  if (brokers) return { kind: 'given', brokers };
  const java = findJava();
  const missing = java.missing ?? (areJarsThere() || hasMaven() ? undefined : 'Maven (mvn) is not on the PATH');
  if (!missing) return { kind: 'jars', java };
  if (isDockerRunning()) return { kind: 'container' };
  throw new StartProblem(
    [
      `Apache Kafka cannot be started: ${missing}, and no Docker engine is running. One of these helps:`,
      '  1. install Java 17 or newer and Maven (Debian, Ubuntu: apt install openjdk-17-jre-headless maven; macOS: brew install openjdk maven)',
      '  2. start Docker',
      '  3. name a Kafka that runs already: KAFKA_BROKERS=host:9092 npm start',
    ].join('\n'),
  );
}

export async function startLocalKafka(
  way: Exclude<KafkaWay, { kind: 'given' }>,
  note: (text: string) => void = () => {},
): Promise<RunningKafka> {
  const { kafka: port } = readPorts();
  const broker =
    way.kind === 'container'
      ? await startKafkaContainer(port)
      : await startKafka({
          folder: localFolder('kafka', 'broker'),
          logFile: logFile('kafka'),
          program: await kafkaProgram(way.java, note),
          archiveClasses: true,
          port,
        });
  rememberPorts({ kafka: broker.port });
  return broker;
}

/** Its address is in the environment of the apps, so after a crash it has to come back on the same port. */
export async function restartLocalKafka(
  way: Exclude<KafkaWay, { kind: 'given' }>,
  port: number,
): Promise<RunningKafka> {
  for (let tries = 0; (await isPortTaken(port)) && tries < 50; tries++) await sleep(200);
  return await startLocalKafka(way);
}

/** One answering broker of the list is enough: it names the others. A cluster with TLS is left to the apps to reach. */
export async function checkGivenKafka(brokers: string): Promise<void> {
  if (process.env['KAFKA_SSL'] === 'true' || process.env['KAFKA_SASL_MECHANISM']) return;
  for (const address of brokers.split(',')) if (await isServing(address.trim())) return;
  throw new StartProblem(
    `No Kafka answers at ${brokers} (KAFKA_BROKERS). Start it, correct the address, or unset KAFKA_BROKERS to use one of our own.`,
  );
}
