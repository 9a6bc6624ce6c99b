import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { repositoryRoot } from '#app/runtime';
import type { Setting } from './peer.js';

const run = promisify(execFile);
const CHILD = path.join(repositoryRoot(), 'dist', 'test', 'bench', 'peers', 'child.js');

/** Appends the reports `from` to before `from + count` in a process of its own. */
export async function writeAlone(
  name: string,
  url: string,
  { from, count, concurrency, batch }: Setting & { from: number; count: number },
): Promise<{ seconds: number }> {
  const numbers = [from, count, concurrency, batch].map(String);
  const { stdout } = await run(process.execPath, [CHILD, 'write', name, url, ...numbers]);
  return JSON.parse(stdout) as { seconds: number };
}

/** How often events came to a follower, and how many different ones; null: the store has none. */
export type Followed = { seen: number; ids: number } | null;

/** Follows a store in a process of its own until `count` events were seen. @returns when it is at work */
export async function startFollower(name: string, url: string, count: number): Promise<{ done: Promise<Followed> }> {
  const child = spawn(process.execPath, [CHILD, 'follow', name, url, '0', String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Record<string, unknown>> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`the follower of ${name} ended early`);
    return JSON.parse(value) as Record<string, unknown>;
  };
  const first = await next();
  const outcome = first['ready'] === true ? next() : Promise.resolve(first);
  const done = (async (): Promise<Followed> => {
    const { seen, ids } = await outcome;
    if (child.exitCode === null) await once(child, 'exit');
    return typeof seen === 'number' ? { seen, ids: Number(ids) } : null;
  })();
  // Told by whoever awaits it, which is after the writing.
  done.catch(() => undefined);
  return { done };
}
