import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Account, findPostgres, postgresAccount, reachablePostgres } from './postgres-binaries.js';
import { preferPort } from './ports.js';
import { commandOf, isGoneWithin, isRunning, send, startTimeOf } from './processes.js';

export interface PostgresOptions {
  /** Holds the cluster and its password; made if absent. The account of PostgreSQL must be able to reach it. */
  folder: string;
  logFile: string;
  /** Used if free; else another one is taken. */
  port?: number | undefined;
  /** Extra `-c name=value` settings. */
  settings?: Record<string, string>;
  /** Where a copy of the binaries goes when the account cannot reach node_modules. */
  shelter: string;
}

export interface RunningPostgres {
  /** As superuser, on database `postgres`. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** It was running already: left by a start that was killed. */
  readonly adopted: boolean;
  /** Waits for running transactions to be rolled back and everything to be on disk. */
  stop(): Promise<void>;
}

/** Starts the cluster in `folder`, making it first if there is none, or takes over the one that runs there. */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const account = postgresAccount();
  const data = path.join(options.folder, 'data');
  const running = await leftServer(data);
  if (running) return handle({ pid: running.pid, port: running.port, adopted: true }, options.folder);

  const bin = reachablePostgres(findPostgres(), account, options.shelter);
  prepareFolder(options.folder, account);
  if (!existsSync(path.join(data, 'PG_VERSION'))) initialise(bin, options.folder, account);
  const port = await preferPort(options.port);
  const pid = await launch(bin, data, port, { ...options, account });
  return handle({ pid, port, adopted: false }, options.folder);
}

interface Server {
  pid: number;
  port: number;
  adopted: boolean;
}

function handle(server: Server, folder: string): RunningPostgres {
  const password = readFileSync(path.join(folder, 'password'), 'utf8').trim();
  const startedAt = startTimeOf(server.pid);
  return {
    ...server,
    url: `postgres://postgres:${password}@127.0.0.1:${server.port}/postgres`,
    stop: async () => {
      if (startTimeOf(server.pid) !== startedAt) return; // it is gone, and its pid may be somebody else's by now
      send(server.pid, 'SIGINT');
      if (await isGoneWithin(server.pid, 30_000)) return;
      send(server.pid, 'SIGQUIT');
      await isGoneWithin(server.pid, 10_000);
    },
  };
}

/** A server left behind by a start that was killed: to be taken over, since its lock would refuse a second one. */
async function leftServer(data: string): Promise<LockFile | undefined> {
  const left = readLockFile(data);
  if (!left) return undefined;
  return (await readyOrGone(left.pid, data)) === 'ready' ? readLockFile(data) : undefined;
}

interface LockFile {
  pid: number;
  port: number;
  ready: boolean;
}

/** What the server itself writes; undefined when none runs on this very folder. */
function readLockFile(data: string): LockFile | undefined {
  let lines: string[];
  try {
    lines = readFileSync(path.join(data, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return undefined;
  }
  const pid = Number(lines[0]);
  if (!isRunning(pid) || !commandOf(pid).includes(`-D ${data} `)) return undefined;
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
}

function prepareFolder(folder: string, { uid, gid }: Account): void {
  mkdirSync(folder, { recursive: true });
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
}

/** Made under another name and renamed when whole: a crash half-way leaves no half cluster. */
function initialise(bin: string, folder: string, account: Account): void {
  const { uid, gid } = account;
  const fresh = path.join(folder, 'data.new');
  const passwordFile = path.join(folder, 'password');
  rmSync(fresh, { recursive: true, force: true });
  writeFileSync(passwordFile, `${randomBytes(18).toString('hex')}\n`, { mode: 0o600 });
  if (uid !== undefined && gid !== undefined) chownSync(passwordFile, uid, gid);
  const made = spawnSync(
    path.join(bin, 'initdb'),
    [
      '-D',
      fresh,
      '-U',
      'postgres',
      '-E',
      'UTF8',
      '--locale=C',
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
    ].concat('--no-instructions', '--wal-segsize=4'),
    { ...ids(account), env: { ...process.env, LC_ALL: 'C' }, cwd: folder, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.error?.message ?? ''}${made.stderr ?? ''}`);
  renameSync(fresh, path.join(folder, 'data'));
}

interface Launch {
  account: Account;
  logFile: string;
  settings?: Record<string, string>;
}

async function launch(bin: string, data: string, port: number, options: Launch): Promise<number> {
  // After a kill -9 of the postmaster its children hold the shared memory until they notice, a moment later.
  for (let attempt = 1; ; attempt++) {
    const pid = spawnServer(bin, data, port, options);
    const outcome = await readyOrGone(pid, data);
    if (outcome === 'ready') return pid;
    const said = readFileSync(options.logFile, 'utf8').slice(-3000);
    if (attempt >= 20 || !/pre-existing shared memory|lock file "postmaster.pid" already exists/.test(said)) {
      throw new Error(`PostgreSQL did not start. Its log, ${options.logFile}, ends with:\n${said}`);
    }
    await sleep(250);
  }
}

function spawnServer(bin: string, data: string, port: number, options: Launch): number {
  const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', ...options.settings };
  const log = openSync(options.logFile, 'a');
  // detached: Ctrl-C reaches the one who started it, who lets the apps finish and then stops PostgreSQL.
  const child = spawn(
    path.join(bin, 'postgres'),
    [
      '-D',
      data,
      '-p',
      String(port),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    {
      ...ids(options.account),
      env: { ...process.env, LC_ALL: 'C' },
      cwd: path.dirname(data),
      stdio: ['ignore', log, log],
      detached: true,
    },
  );
  closeSync(log);
  child.once('error', () => {}); // no such program or no right to run it: there is no pid then, and the caller says so
  child.unref();
  if (child.pid === undefined) throw new Error(`${path.join(bin, 'postgres')} cannot be run`);
  return child.pid;
}

/** A crash recovery may take long, so there is no limit but the death of the server. */
async function readyOrGone(pid: number, data: string): Promise<'ready' | 'gone'> {
  while (isRunning(pid)) {
    const lock = readLockFile(data);
    if (lock?.pid === pid && lock.ready) return 'ready';
    await sleep(15);
  }
  return 'gone';
}

function ids({ uid, gid }: Account): { uid?: number; gid?: number } {
  return uid !== undefined && gid !== undefined ? { uid, gid } : {};
}
