import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type RunningPostgres, startPostgres } from './embedded-postgres.js';
import { localFolder } from './folders.js';
import { type RunningKafka, startKafka } from './kafka-broker.js';
import { findJava, hasMaven, areJarsThere, kafkaProgram } from './kafka-jars.js';
import { canReach, postgresAccount } from './postgres-binaries.js';
import { isRunning, readPidFile, send, startTimeOf } from './processes.js';
import { StartProblem } from './start-problem.js';

/** Set for every process of a test run, so that the end of the run can see whom it left behind. */
export const RUN_MARK = 'LEDGER_TEST_FOLDER';

/** A folder in the system's temporary one that the account of PostgreSQL can enter. */
export function makeTestFolder(): string {
  for (const parent of [tmpdir(), '/tmp', '/var/tmp']) {
    if (!existsSync(parent)) continue;
    const folder = mkdtempSync(path.join(parent, 'conflict-ledger-test-'));
    chmodSync(folder, 0o755); // mkdtemp makes it private; what is secret in it has its own mode
    if (canReach(postgresAccount(), folder)) return folder;
    rmSync(folder, { recursive: true, force: true });
  }
  throw new StartProblem(
    'No temporary folder can be reached by the account that PostgreSQL runs as. Set TMPDIR to one that can.',
  );
}

export function startTestPostgres(folder: string): Promise<RunningPostgres> {
  return startPostgres({
    folder: path.join(folder, 'postgres'),
    logFile: path.join(folder, 'postgres.log'),
    shelter: path.join(folder, 'postgres-binaries'),
    // The tables of a test run need not survive the machine; the tests that kill PostgreSQL start their own.
    settings: { max_connections: '200', fsync: 'off', full_page_writes: 'off' },
  });
}

export async function startTestKafka(folder: string, note?: (text: string) => void): Promise<RunningKafka> {
  const java = findJava();
  const missing = java.missing ?? (areJarsThere() || hasMaven() ? undefined : 'Maven is not on the PATH');
  if (missing) {
    throw new StartProblem(
      `${missing}. The tests need a real Apache Kafka: install Java 17 or newer and Maven (Debian: apt install openjdk-17-jre-headless maven).`,
    );
  }
  const program = await kafkaProgram(java, note);
  return await startKafka({
    folder: path.join(folder, 'kafka'),
    logFile: path.join(folder, 'kafka.log'),
    program,
    archiveClasses: true,
  });
}

/** Remembers the run, so that a later one can clean up what a killed one left. */
export function registerRun(folder: string): () => void {
  const runs = localFolder('test-runs');
  mkdirSync(runs, { recursive: true });
  const file = path.join(runs, `${process.pid}.json`);
  writeFileSync(file, JSON.stringify({ pid: process.pid, startedAt: startTimeOf(process.pid), folder }));
  return () => rmSync(file, { force: true });
}

/** With the small disks that fault tests have mounted in it. */
export function removeTestFolder(folder: string): void {
  const mounts = existsSync('/proc/mounts') ? readFileSync('/proc/mounts', 'utf8').split('\n') : [];
  for (const mount of mounts) {
    const [, at = ''] = mount.split(' ');
    // Lazily: whoever still has a file open there keeps the memory until he ends, and nobody finds the folder busy.
    if (at.startsWith(`${folder}/`)) spawnSync('umount', ['-l', at]);
  }
  rmSync(folder, { recursive: true, force: true });
}

/** How many runs were cleaned up whose harness was killed. */
export function cleanUpKilledRuns(): number {
  const runs = localFolder('test-runs');
  let cleaned = 0;
  for (const name of existsSync(runs) ? readdirSync(runs) : []) {
    const file = path.join(runs, name);
    if (readPidFile(file) !== null) continue; // that run goes on, in another terminal
    const { folder } = JSON.parse(readFileSync(file, 'utf8')) as { folder: string };
    for (const left of processesOfRun(folder)) send(left, 'SIGKILL');
    if (path.basename(folder).startsWith('conflict-ledger-test-')) removeTestFolder(folder);
    rmSync(file, { force: true });
    cleaned++;
  }
  return cleaned;
}

/** Every process that has the run's mark in its environment (where the system shows it: Linux). */
export function processesOfRun(folder: string): number[] {
  if (!existsSync('/proc/self/environ')) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isRunning(pid) && environmentOf(pid).includes(`${RUN_MARK}=${folder}`));
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return []; // gone meanwhile, or somebody else's
  }
}
