import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { App } from '../../support/processes.js';
import type { Fault } from '../fault.js';

const READERS = 60;
/** What a process may have whatever happens (docs/performance.md). */
const MOST_MIB = 300;
const ROUTES: Record<string, { app: 'query-api' | 'audit-api'; path: string; accept: string }> = {
  'changes-by-sse': { app: 'query-api', path: '/v1/changes?since=0', accept: 'text/event-stream' },
  'events-by-sse': { app: 'audit-api', path: '/v1/events?from=0', accept: 'text/event-stream' },
  'events-by-ndjson': { app: 'audit-api', path: '/v1/events?format=ndjson', accept: 'application/x-ndjson' },
};

export const slowReaders: Fault = {
  name: 'slow-readers',
  promise: 'readers who take nothing cost no memory and keep nobody else waiting',
  cases: Object.keys(ROUTES),
  inject: async (world, _random, { chosen, load }) => {
    const { app: name, path, accept } = ROUTES[chosen] as (typeof ROUTES)[string];
    const app = world.app(name);
    const ask = async (): Promise<number> => {
      const asked = performance.now();
      const answer = await fetch(`${app.url}${name === 'query-api' ? '/v1/casualties' : '/v1/events?limit=10'}`);
      await answer.arrayBuffer();
      if (answer.status !== 200) throw new Error(`somebody else is answered ${answer.status}`);
      return performance.now() - asked;
    };
    const usual = Math.max(await ask(), await ask());
    const before = residentMiB(app);
    const readers = await Promise.all(Array.from({ length: READERS }, () => open(app, path, accept)));
    let slowest = 0;
    let most = 0;
    try {
      for (let round = 0; round < 12; round += 1) {
        await load.burst(30);
        slowest = Math.max(slowest, await ask());
        most = Math.max(most, residentMiB(app));
        await sleep(200);
      }
    } finally {
      for (const reader of readers) reader.destroy();
    }
    // Against the same machine just before: what is slow there is slow without them.
    if (slowest > 5_000 + 20 * usual) throw new Error(`somebody else waited ${Math.round(slowest)} ms`);
    if (most > MOST_MIB) throw new Error(`${name} grew from ${before} to ${most} MiB`);
    return `${READERS} readers of ${path} that read nothing after their request; ${name} went from ${before} to at most ${most} MiB`;
  },
};

/** A connection that sends its request and never reads: its buffers fill, and then the app has to wait or give up. */
async function open(app: App, path: string, accept: string): Promise<Socket> {
  const { hostname, port } = new URL(app.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.pause();
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\nAccept: ${accept}\r\n\r\n`);
  return socket;
}

function residentMiB({ pid }: App): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}
