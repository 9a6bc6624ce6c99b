import { spawn, spawnSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { KafkaProgram } from './kafka-jars.js';
import { waitForBroker } from './kafka-probe.js';
import { freePort, preferPort } from './ports.js';
import { findProcesses, isRunning, startTimeOf, terminate } from './processes.js';

export interface KafkaOptions {
  program: KafkaProgram;
  /** Holds the data and the configuration; made if absent. */
  folder: string;
  logFile: string;
  /** Used if free; else another one is taken. The data does not depend on it. */
  port?: number | undefined;
  /** Megabytes of heap. */
  heap?: number;
  /** Lines of the configuration beside ours. */
  settings?: readonly string[];
  /** Of several brokers; default: one that is its own cluster. */
  member?: ClusterMember;
  /** Whether to write the class archive when this broker stops (it takes about a second then). */
  archiveClasses?: boolean;
}

/** One node of a cluster: each is broker and controller. */
export interface ClusterMember {
  /** From 1. */
  id: number;
  /** As `newClusterId` gives it, the same for all. */
  clusterId: string;
  /** Of the controllers of all nodes, in the order of their ids; fixed, since each node is told of all of them. */
  controllerPorts: readonly number[];
}

export interface RunningKafka {
  /** host:port, for KAFKA_BROKERS. */
  readonly brokers: string;
  readonly port: number;
  /** Null for a broker in a container. */
  readonly pid: number | null;
  readonly adopted: boolean;
  stop(): Promise<void>;
}

/** Starts a KRaft broker on `folder`, or takes over the one that runs there. A member resolves when a majority of its cluster runs. */
export async function startKafka(options: KafkaOptions): Promise<RunningKafka> {
  const { folder, program } = options;
  mkdirSync(folder, { recursive: true });
  const left = await takeOver(folder);
  if (left) return left;

  const port = await preferPort(options.port);
  const member = options.member ?? { id: 1, clusterId: newClusterId(), controllerPorts: [await freePort(port)] };
  writeFileSync(propertiesFile(folder), properties({ port, member, folder }, options.settings));
  format(program, folder, member.clusterId);
  const archive = archiveToWrite(options);
  const pid = spawnBroker(options, archive);
  if (!(await waitForBroker(`127.0.0.1:${port}`, 90_000, () => isRunning(pid)))) {
    await terminate(pid, 'SIGTERM', 5_000);
    const said = readFileSync(options.logFile, 'utf8').slice(-3_000);
    throw new Error(`Kafka did not start. Its log, ${options.logFile}, ends with:\n${said}`);
  }
  return handle({ pid, port, adopted: false }, archive ? () => keepArchive(archive, program.classArchive) : null);
}

interface Broker {
  pid: number;
  port: number;
  adopted: boolean;
}

function handle(broker: Broker, afterStop: (() => void) | null): RunningKafka {
  const startedAt = startTimeOf(broker.pid);
  return {
    ...broker,
    brokers: `127.0.0.1:${broker.port}`,
    stop: async () => {
      if (startTimeOf(broker.pid) !== startedAt) return; // it is gone, and its pid may be somebody else's by now
      if (await terminate(broker.pid, 'SIGTERM', 40_000)) afterStop?.();
    },
  };
}

/** The absolute path of our own configuration is on the command line of no other broker. */
async function takeOver(folder: string): Promise<RunningKafka | null> {
  const [pid] = findProcesses(['kafka.Kafka', propertiesFile(folder)]);
  if (pid === undefined) return null;
  const port = Number(
    /listeners=PLAINTEXT:\/\/127\.0\.0\.1:(\d+)/.exec(readFileSync(propertiesFile(folder), 'utf8'))?.[1],
  );
  if (await waitForBroker(`127.0.0.1:${port}`, 20_000, () => isRunning(pid))) {
    return handle({ pid, port, adopted: true }, null);
  }
  await terminate(pid, 'SIGTERM', 10_000); // it hangs: its data is safe, a new one recovers it
  return null;
}

/** Once: the folder has a cluster id then. What a format cut short left is done again. */
function format(program: KafkaProgram, folder: string, clusterId: string): void {
  const data = path.join(folder, 'data');
  if (existsSync(path.join(data, 'meta.properties'))) return;
  rmSync(data, { recursive: true, force: true });
  const made = spawnSync(
    program.java,
    ['-XX:TieredStopAtLevel=1', '-cp', `${program.jars}/*`, 'kafka.tools.StorageTool', 'format'].concat(
      '--cluster-id',
      clusterId,
      '--config',
      propertiesFile(folder),
    ),
    { encoding: 'utf8' },
  );
  if (made.status === 0) return;
  rmSync(data, { recursive: true, force: true });
  throw new Error(
    `Kafka's data folder could not be made: ${made.error?.message ?? ''}${made.stderr ?? ''}${made.stdout ?? ''}`,
  );
}

/** 16 random bytes, base64url; one that starts with a dash would be read as an option. */
export function newClusterId(): string {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? newClusterId() : id;
}

function spawnBroker(options: KafkaOptions, archive: string | null): number {
  const { program, folder, heap = 384 } = options;
  const log = openSync(options.logFile, 'a');
  const child = spawn(
    program.java,
    [
      `-Xmx${heap}m`,
      `-Xms${Math.min(heap, 256)}m`,
      '-XX:+UseG1GC',
      ...(archive ? [`-XX:ArchiveClassesAtExit=${archive}`] : []),
      ...(existsSync(program.classArchive) ? [`-XX:SharedArchiveFile=${program.classArchive}`] : []),
      '-Xlog:cds=off',
      '-Xlog:cds+dynamic=off',
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
      '-Dorg.slf4j.simpleLogger.showDateTime=true',
      '-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS',
      ...['-cp', `${program.jars}/*`, 'kafka.Kafka', propertiesFile(folder)],
    ],
    { cwd: folder, stdio: ['ignore', log, log], detached: true },
  );
  closeSync(log);
  child.once('error', () => {}); // Java vanished since it was looked for: there is no pid then, and the next line says so
  child.unref();
  if (child.pid === undefined) throw new Error(`${program.java} cannot be run`);
  return child.pid;
}

function archiveToWrite({ program, archiveClasses }: KafkaOptions): string | null {
  return archiveClasses && !existsSync(program.classArchive) ? `${program.classArchive}.${randomUUID()}` : null;
}

/** Renamed when whole, so that no JVM ever maps half an archive. */
function keepArchive(written: string, archive: string): void {
  if (existsSync(written)) renameSync(written, archive);
}

function propertiesFile(folder: string): string {
  return path.join(folder, 'server.properties');
}

/** The session settings bring a restart after kill -9 from 12 s to 4 s: the old registration has to time out first. */
function properties(
  { port, member, folder }: { port: number; member: ClusterMember; folder: string },
  settings: readonly string[] = [],
): string {
  const { id, controllerPorts } = member;
  const voters = controllerPorts.map((controllerPort, index) => `${index + 1}@127.0.0.1:${controllerPort}`);
  return [
    'process.roles=broker,controller',
    `node.id=${id}`,
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPorts[id - 1]}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names=CONTROLLER',
    `controller.quorum.voters=${voters.join(',')}`,
    'inter.broker.listener.name=PLAINTEXT',
    'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    `log.dirs=${path.join(folder, 'data')}`,
    'offsets.topic.replication.factor=1',
    'offsets.topic.num.partitions=1',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'transaction.state.log.num.partitions=1',
    'share.coordinator.state.topic.replication.factor=1',
    'share.coordinator.state.topic.min.isr=1',
    'group.initial.rebalance.delay.ms=0',
    'auto.create.topics.enable=false',
    'message.max.bytes=4194304',
    'broker.session.timeout.ms=1500',
    'broker.heartbeat.interval.ms=300',
    ...settings,
    '',
  ].join('\n');
}
