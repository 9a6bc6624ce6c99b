import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { repositoryRoot } from '#app/runtime';
import { createKeyFile } from '#app/transparency';
import { freePort } from '../../infra/local/ports.js';
import { RUN_MARK } from '../../infra/local/test-services.js';
import { runFolder } from './run-folder.js';

export type AppName = 'ingest' | 'projector' | 'notary' | 'relay' | 'query-api' | 'audit-api' | 'intake-api';

export interface App {
  readonly name: AppName;
  /** http://127.0.0.1:port, also of the workers (health and metrics). */
  readonly url: string;
  readonly pid: number;
  /** Everything it has written so far. */
  logs(): string;
  isRunning(): boolean;
  /** Resolves when the process is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** SIGTERM, and the exit code; SIGKILL (code null) if it has not drained after 20 s. */
  stop(): Promise<number | null>;
  /** Resolves when /health/ready answers 200; throws with the log when the app dies or takes longer. */
  waitReady(timeoutMs?: number): Promise<void>;
  /** Resolves with the exit code, null when a signal ended it. */
  readonly exited: Promise<number | null>;
}

const running = new Set<ChildProcess>();
// Whatever a failing test forgets: no app outlives the process that ran the test.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * Starts dist/apps/<name> on a free port with `env` over a clean environment (PATH and HOME only). NODE_FLAGS in `env` are
 * flags of Node itself: not all of them are allowed in NODE_OPTIONS.
 */
export async function startApp(name: AppName, env: Record<string, string>): Promise<App> {
  const main = path.join(repositoryRoot(), 'dist', 'apps', name, 'src', 'main.js');
  if (!existsSync(main)) throw new Error(`${main} is missing: run npm run build first`);
  const port = Number(env['HTTP_PORT'] ?? (await freePort()));
  const child = spawn(
    process.execPath,
    ['--enable-source-maps', ...(env['NODE_FLAGS'] ?? '').split(' ').filter(Boolean), main],
    {
      cwd: repositoryRoot(),
      env: { ...inherited(), HTTP_HOST: '127.0.0.1', ...env, HTTP_PORT: String(port) },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', (code) => {
      running.delete(child);
      resolve(code);
    });
  });
  return new RunningApp(name, child, { url: `http://127.0.0.1:${port}`, exited, logs: () => output });
}

class RunningApp implements App {
  readonly url: string;
  readonly exited: Promise<number | null>;
  readonly logs: () => string;

  constructor(
    readonly name: AppName,
    private readonly child: ChildProcess,
    parts: { url: string; exited: Promise<number | null>; logs: () => string },
  ) {
    this.url = parts.url;
    this.exited = parts.exited;
    this.logs = parts.logs;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.child.kill(signal);
    await this.exited;
  }

  async stop(): Promise<number | null> {
    this.child.kill('SIGTERM');
    const late = setTimeout(() => this.child.kill('SIGKILL'), 20_000);
    const code = await this.exited;
    clearTimeout(late);
    return code;
  }

  async waitReady(timeoutMs = 30_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (Date.now() < deadline && this.isRunning()) {
      const answer = await fetch(`${this.url}/health/ready`).catch(() => null);
      await answer?.arrayBuffer();
      if (answer?.ok) return;
      await sleep(40);
    }
    const state = this.isRunning() ? `was not ready after ${timeoutMs} ms` : 'ended before it was ready';
    throw new Error(`${this.name} ${state}:\n${this.logs().slice(-4_000)}`);
  }
}

/** The name of the logs of test systems. */
export const TEST_ORIGIN = 'test.conflict-ledger.org/log';

/** The environment every app of one system shares. */
export function systemEnvironment(parts: { databaseUrl: string; brokers: string }): Record<string, string> {
  return {
    DATABASE_URL: parts.databaseUrl,
    KAFKA_BROKERS: parts.brokers,
    LEDGER_MASTER_KEY_FILE: makeMasterKey(),
    LEDGER_TOPIC_SOURCES: '*',
    LEDGER_LOG_ORIGIN: TEST_ORIGIN,
    ...makeSignedLog(),
    LEDGER_CONSUMER_GROUP: `test-${randomBytes(6).toString('hex')}`,
    LOG_LEVEL: 'info',
  };
}

/** A signing key and a folder of tiles of the test's own. */
export function makeSignedLog(origin = TEST_ORIGIN): { LEDGER_SIGNING_KEY_FILE: string; LEDGER_TILES_DIR: string } {
  const name = randomBytes(6).toString('hex');
  const file = path.join(runFolder(), 'keys', `${name}.signing.key`);
  createKeyFile(file, { name: origin, kind: 'LOG' });
  return { LEDGER_SIGNING_KEY_FILE: file, LEDGER_TILES_DIR: path.join(runFolder(), 'tiles', name) };
}

/** A master key file of the test's own, mode 0600. */
function makeMasterKey(): string {
  const folder = path.join(runFolder(), 'keys');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${randomBytes(6).toString('hex')}.key`);
  writeFileSync(file, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  return file;
}

function inherited(): NodeJS.ProcessEnv {
  const names = ['PATH', 'HOME', 'TMPDIR', 'JAVA_HOME', RUN_MARK, 'NODE_V8_COVERAGE'];
  return Object.fromEntries(names.map((name) => [name, process.env[name]]).filter(([, value]) => value !== undefined));
}
