import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '#app/runtime';
import { freePort } from '../../infra/local/ports.js';
import { eventually } from './eventually.js';
import { runFolder } from './run-folder.js';
import type { TestSystem } from './system.js';

/** Debian has it in the package prometheus. PROMETHEUS names another one. */
const PROGRAM = process.env['PROMETHEUS'] || 'prometheus';
export const isPrometheusThere = spawnSync(PROGRAM, ['--version']).status === 0;

/** One series at one moment. */
export interface Sample {
  labels: Record<string, string>;
  value: number;
}

export interface TestPrometheus {
  query(expr: string): Promise<Sample[]>;
  /** Names of the alerts that are pending or firing. */
  alerts(state?: 'pending' | 'firing'): Promise<string[]>;
  stop(): Promise<void>;
}

/** The files of infra/observability as they are, but for the ports of the system and one second between two looks. */
export async function startPrometheus(system: TestSystem): Promise<TestPrometheus> {
  const shipped = path.join(repositoryRoot(), 'infra', 'observability');
  const folder = mkdtempSync(path.join(runFolder(), 'prometheus-'));
  copyFileSync(path.join(shipped, 'alerts.yml'), path.join(folder, 'alerts.yml'));
  const config = readFileSync(path.join(shipped, 'prometheus.yml'), 'utf8')
    .replaceAll('interval: 15s', 'interval: 1s')
    .replaceAll(/127\.0\.0\.1:\d+(?="\], labels: \{ process: ([a-z-]+) \})/g, (_address, process: string) => {
      return new URL(system.app(process as Parameters<TestSystem['app']>[0]).url).host;
    });
  writeFileSync(path.join(folder, 'prometheus.yml'), config);
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    PROGRAM,
    ['--config.file=prometheus.yml', '--storage.tsdb.path=data', `--web.listen-address=${address}`],
    { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const end = (): boolean => child.kill('SIGKILL');
  process.on('exit', end);
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      process.off('exit', end);
      resolve();
    });
  });
  const ask = async (what: string): Promise<unknown> => {
    const answer = await fetch(`http://${address}/api/v1/${what}`);
    if (!answer.ok) throw new Error(`${what}: ${answer.status} ${await answer.text()}`);
    return ((await answer.json()) as { data: unknown }).data;
  };
  await eventually('Prometheus answers', () => ask('status/config')).catch((error: Error) => {
    end();
    throw new Error(log.slice(-4_000), { cause: error });
  });
  return {
    query: async (expr) => {
      const { result } = (await ask(`query?query=${encodeURIComponent(expr)}`)) as { result: Vector };
      return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    },
    alerts: async (state) => {
      const { alerts } = (await ask('alerts')) as { alerts: { labels: Record<string, string>; state: string }[] };
      return alerts
        .filter((one) => state === undefined || one.state === state)
        .map(({ labels }) => labels['alertname'] ?? '');
    },
    stop: async () => {
      end();
      await ended;
    },
  };
}

type Vector = { metric: Record<string, string>; value: [seconds: number, value: string] }[];
