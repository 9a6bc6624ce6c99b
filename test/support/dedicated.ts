import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { startPostgres } from '../../infra/local/embedded-postgres.js';
import { startKafka } from '../../infra/local/kafka-broker.js';
import { findJava, kafkaProgram } from '../../infra/local/kafka-jars.js';
import { isGoneWithin, send } from '../../infra/local/processes.js';
import { runFolder } from './run-folder.js';

/** A server of the test's own, which may be killed: the address stays the same after `start`. */
export interface Dedicated {
  /** postgres://… on database `postgres` as superuser, or host:port of the broker. */
  readonly address: string;
  /** Its data lie below it, and its output is the file `log` in it. */
  readonly folder: string;
  /** Of the process that runs now. */
  readonly pid: number;
  /** SIGKILL, as by the out-of-memory killer. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port, after `kill` or `stopServer`. */
  start(): Promise<void>;
  /** An orderly stop; the data stays. */
  stopServer(): Promise<void>;
  /** The end: stopped, data removed. */
  stop(): Promise<void>;
}

/**
 * Every setting at its safe value: what is committed has to survive.
 *
 * @param prepare is given the folder of the cluster before there is anything in it: to mount a small disk there
 */
export function startDedicatedPostgres(
  settings: Record<string, string> = {},
  prepare: (cluster: string) => void = () => undefined,
): Promise<Dedicated> {
  const folder = makeFolder('postgres-');
  prepare(path.join(folder, 'cluster'));
  return dedicate(folder, async (port) => {
    const server = await startPostgres({
      folder: path.join(folder, 'cluster'),
      logFile: path.join(folder, 'log'),
      shelter: path.join(runFolder(), 'postgres-binaries'),
      settings,
      port,
    });
    return { ...server, address: server.url };
  });
}

/** @param settings lines of its server.properties beside ours */
export function startDedicatedKafka(settings: readonly string[] = []): Promise<Dedicated> {
  const folder = makeFolder('kafka-');
  return dedicate(folder, async (port) => {
    const broker = await startKafka({
      folder: path.join(folder, 'broker'),
      logFile: path.join(folder, 'log'),
      program: await kafkaProgram(findJava()),
      heap: 256,
      settings,
      port,
    });
    return { ...broker, pid: broker.pid ?? 0, address: broker.brokers };
  });
}

export interface Server {
  pid: number;
  port: number;
  address: string;
  stop(): Promise<void>;
}

/** @param launch is given its port from the second time on */
export async function dedicate(folder: string, launch: (port?: number) => Promise<Server>): Promise<Dedicated> {
  let server = await launch();
  const { port, address } = server;
  return {
    address,
    folder,
    get pid() {
      return server.pid;
    },
    kill: async () => {
      send(server.pid, 'SIGKILL');
      await isGoneWithin(server.pid, 10_000);
    },
    start: async () => {
      server = await launch(port);
      if (server.port !== port) throw new Error(`port ${port} was taken while its server was down`);
    },
    stopServer: () => server.stop(),
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Below the folder of the run, which is removed at its end whatever happens. */
export function makeFolder(prefix: string): string {
  const folder = mkdtempSync(path.join(runFolder(), prefix));
  chmodSync(folder, 0o755);
  return folder;
}
