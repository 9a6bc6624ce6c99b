import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkoutFolder, localFolder } from './folders.js';
import { logFile } from './local-state.js';
import { isPortTaken } from './ports.js';
import { isGoneWithin, readPidFile, removePidFile, send, terminate, writePidFile } from './processes.js';
import { StartProblem } from './start-problem.js';
import type { Part, RunningPart, Supervisor } from './supervisor.js';

export interface LocalApp {
  name: string;
  /** The variable that moves it to another port. */
  portVariable: string;
  port: number;
}

const DEFAULT_PORTS: Record<string, number> = {
  'query-api': 3000,
  'audit-api': 3001,
  'intake-api': 3002,
  ingest: 3010,
  projector: 3011,
  relay: 3012,
  notary: 3013,
};

/** In the order of the data flow. */
export function localApps(): LocalApp[] {
  return ['intake-api', 'ingest', 'projector', 'notary', 'relay', 'query-api', 'audit-api'].map((name) => {
    const portVariable = `LEDGER_${name.replace('-api', '').toUpperCase()}_PORT`;
    const given = process.env[portVariable];
    if (given && !(Number.isInteger(Number(given)) && Number(given) > 0 && Number(given) < 65_536)) {
      throw new StartProblem(`${portVariable}=${given} is not a port number (1 to 65535).`);
    }
    return { name, portVariable, port: Number(given || DEFAULT_PORTS[name]) };
  });
}

/** Apps whose `npm start` was killed hold the ports and run an old build. How many there were. */
export async function stopLeftApps(): Promise<number> {
  const left = localApps().flatMap(({ name }) => readPidFile(pidFile(name)) ?? []);
  await Promise.all(left.map((pid) => terminate(pid, 'SIGTERM', 10_000)));
  return left.length;
}

export async function checkPorts(apps: readonly LocalApp[]): Promise<void> {
  const taken: LocalApp[] = [];
  for (const app of apps) if (await isPortTaken(app.port)) taken.push(app);
  if (taken.length === 0) return;
  const list = taken.map(({ name, port }) => `  port ${port}, which ${name} needs`).join('\n');
  const example = taken.map(({ portVariable, port }) => `${portVariable}=${port + 1000}`).join(' ');
  throw new StartProblem(
    `Another program uses\n${list}\nStop that program, or choose another port: ${example} npm start`,
  );
}

export function appPart(app: LocalApp, environment: NodeJS.ProcessEnv): Part {
  const log = logFile(app.name);
  return { name: app.name, logFile: log, launch: () => Promise.resolve(launch(app, environment, log)) };
}

/** Resolves when /health/ready answers 200; gives up when the app has died for good or `isCancelled`. */
export async function waitReady(app: LocalApp, supervisor: Supervisor, isCancelled: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!isCancelled()) {
    const answer = await fetch(`http://127.0.0.1:${app.port}/health/ready`).catch(() => null);
    await answer?.arrayBuffer();
    if (answer?.ok) return;
    if (!supervisor.isAlive(app.name)) {
      await sleep(100); // the exit code comes a moment after the process has gone
      throw notReady(app, supervisor.ending(app.name));
    }
    if (Date.now() > deadline) throw notReady(app, 'was not ready within a minute');
    await sleep(50);
  }
}

function notReady({ name }: LocalApp, what: string): StartProblem {
  const lines = readFileSync(logFile(name), 'utf8').trimEnd().split('\n').slice(-8);
  const end = lines.map((line) => (line.length > 400 ? `${line.slice(0, 400)} …` : line)).join('\n');
  return new StartProblem(`${name} ${what}. The end of its log, ${logFile(name)}:\n${end}`);
}

function launch(app: LocalApp, environment: NodeJS.ProcessEnv, log: string): RunningPart {
  const main = path.join(checkoutFolder(), 'dist', 'apps', app.name, 'src', 'main.js');
  const output = openSync(log, 'a');
  // detached: Ctrl-C in the terminal reaches `npm start` alone, which stops the parts in their order.
  const child = spawn(process.execPath, ['--enable-source-maps', main], {
    cwd: checkoutFolder(),
    env: { ...environment, HTTP_HOST: '127.0.0.1', HTTP_PORT: String(app.port) },
    stdio: ['ignore', output, output],
    detached: true,
  });
  closeSync(output);
  if (child.pid === undefined) throw new Error(`${process.execPath} cannot be run`);
  const { pid } = child;
  mkdirSync(localFolder('run'), { recursive: true });
  writePidFile(pidFile(app.name), pid);
  let ending = 'ended';
  child.once('exit', (code, signal) => {
    ending = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
  });
  return {
    pid,
    ending: () => ending,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        send(pid, 'SIGTERM');
        if (!(await isGoneWithin(pid, 20_000))) await terminate(pid, 'SIGKILL', 5_000);
      }
      removePidFile(pidFile(app.name));
    },
  };
}

function pidFile(name: string): string {
  return localFolder('run', `${name}.pid`);
}
