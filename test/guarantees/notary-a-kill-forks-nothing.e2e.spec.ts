import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { chmodSync, existsSync, readFileSync, renameSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CRASH_POINTS } from '../../apps/notary/src/crash-points.js';
import { eventually } from '../support/eventually.js';
import { LOG_OPTIONS, startLog, type TestLog } from '../support/log.js';
import { recordEvents } from '../support/notary.js';
import { type App, makeSignedLog, startApp } from '../support/processes.js';
import {
  checkNotes,
  checkServedTree,
  leavesOf,
  needlessPartials,
  stated,
  temporaries,
} from '../support/served-tree.js';

describe('kill -9 of the notary leaves one history', () => {
  let log: TestLog;
  let env: Record<string, string>;
  let file: string;
  /** What an outsider could have fetched, each change of it. */
  const seen: string[] = [];
  const watching = new AbortController();
  beforeAll(async () => {
    log = await startLog();
    const signed = makeSignedLog(LOG_OPTIONS.origin);
    file = path.join(signed.LEDGER_TILES_DIR, 'checkpoint');
    env = {
      DATABASE_URL: log.url,
      LEDGER_LOG_ORIGIN: LOG_OPTIONS.origin,
      LEDGER_CHECKPOINT_INTERVAL_MS: '50',
      ...signed,
    };
    void watch();
  }, 60_000);
  afterAll(async () => {
    watching.abort();
    await log.close();
  }, 60_000);

  afterEach(async () => {
    // What a failed test has left would lead in the next one.
    await Promise.all(
      started
        .splice(0)
        .filter((app) => app.isRunning())
        .map((app) => app.kill()),
    );
  });

  /** What is published never goes back, whoever writes it. */
  async function watch(): Promise<void> {
    while (!watching.signal.aborted) {
      const note = await readFile(file, 'utf8').catch(() => undefined); // not there yet
      if (note !== undefined && note !== seen.at(-1)) seen.push(note);
      await sleep(2);
    }
  }

  const started: App[] = [];
  async function start(more: Record<string, string> = {}): Promise<App> {
    const app = await startApp('notary', { ...env, ...more });
    started.push(app);
    return app;
  }

  async function untilPublished(): Promise<void> {
    await eventually('all is published', async () => {
      const { rows } = await log.owner.query<{ size: number }>('SELECT next_position AS size FROM ledger.head');
      return existsSync(file) && stated(readFileSync(file, 'utf8')).size === rows[0]?.size;
    });
  }

  async function expectOneHistory(): Promise<void> {
    const leaves = await leavesOf(log.owner);
    expect(checkServedTree(path.dirname(file), leaves).size).toBe(leaves.length);
    checkNotes(seen, leaves);
    const sizes = seen.map((note) => stated(note).size);
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
    const { rows } = await log.owner.query<{ note: string }>('SELECT note FROM notary.checkpoint ORDER BY size');
    checkNotes(
      rows.map(({ note }) => note),
      leaves,
    );
  }

  it.each(CRASH_POINTS)(
    '%s',
    async (point) => {
      await recordEvents(log, 300);
      const doomed = await start({ LEDGER_CRASH_AT: point });
      const died = doomed.exited;
      // The partial tiles of the first checkpoint are to be removed by a second one.
      for (let i = 0; i < 4 && doomed.isRunning(); i += 1) {
        await recordEvents(log, 200);
        await Promise.race([died, sleep(200)]);
      }
      await eventually('it is dead', () => !doomed.isRunning());
      const next = await start();
      await next.waitReady();
      await untilPublished();
      await expectOneHistory();
      expect(await next.stop()).toBe(0);
    },
    60_000,
  );

  it('at random moments while the log grows', async () => {
    const enough = new AbortController();
    const growing = (async () => {
      while (!enough.signal.aborted) {
        await recordEvents(log, 50);
        await sleep(50);
      }
    })();
    try {
      for (let kills = 0; kills < 6; kills += 1) {
        const doomed = await start();
        await doomed.waitReady();
        await sleep(Math.random() * 400);
        await doomed.kill();
      }
    } finally {
      enough.abort();
      await growing;
    }
    const last = await start();
    await last.waitReady();
    await untilPublished();
    await expectOneHistory();
    expect(needlessPartials(path.dirname(file))).toEqual([]);
    expect(temporaries(path.dirname(file))).toEqual([]);
    expect(await last.stop()).toBe(0);
  }, 120_000);

  it('of two at work one waits, takes over when the first is killed, and one that slept does not go back', async () => {
    const first = await start();
    await first.waitReady();
    const second = await start();
    await second.waitReady();
    await eventually('the second waits', () => second.logs().includes('another notary signs: this one waits'));
    // Asleep, with the lead: PostgreSQL knows nothing of it.
    await recordEvents(log, 300);
    process.kill(first.pid, 'SIGSTOP');
    await log.owner.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ledger-notary' AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')",
    );
    await eventually('the second signs', () => second.logs().includes('this notary signs'));
    await recordEvents(log, 300);
    await untilPublished();
    process.kill(first.pid, 'SIGCONT');
    await recordEvents(log, 300);
    await untilPublished();
    await sleep(500);
    await expectOneHistory();
    expect(await first.stop()).toBe(0);
    expect(await second.stop()).toBe(0);
  }, 120_000);

  it('writes the folder anew when somebody takes it away from a notary at work', async () => {
    const notary = await start();
    await notary.waitReady();
    await untilPublished();
    renameSync(path.dirname(file), `${path.dirname(file)}.away`);
    await eventually('it is published again', () => existsSync(file));
    await recordEvents(log, 10);
    await untilPublished();
    await expectOneHistory();
    expect(await notary.stop()).toBe(0);
  }, 120_000);

  it('tells by its health and its metrics that it refuses, and why', async () => {
    const other = 'other.example/log';
    const refusing = await start({ LEDGER_LOG_ORIGIN: other, ...makeSignedLog(other) });
    const answer = await eventually('it refuses', async () => {
      const response = await fetch(`${refusing.url}/health/ready`).catch(() => null);
      const text = (await response?.text()) ?? '';
      return text.includes('ORIGIN_DIFFERS') ? { status: response?.status, text } : null;
    });
    expect(answer.status).toBe(503);
    expect(answer.text).toContain('REFUSING');
    const metrics = await (await fetch(`${refusing.url}/metrics`)).text();
    expect(metrics).toMatch(/^ledger_notary_refusing\{.*code="ORIGIN_DIFFERS".*\} 1$/mu);
    expect(refusing.isRunning()).toBe(true);
    await sleep(1500);
    expect(refusing.logs().match(/the notary refuses to sign/gu)).toHaveLength(1);
    expect(await refusing.stop()).toBe(0);
  }, 60_000);

  it('does not start with a key that others may read', async () => {
    const signed = makeSignedLog(LOG_OPTIONS.origin);
    chmodSync(signed.LEDGER_SIGNING_KEY_FILE, 0o644);
    const app = await startApp('notary', { ...env, ...signed });
    expect(await app.exited).not.toBe(0);
    expect(app.logs()).toContain(`chmod 600 ${signed.LEDGER_SIGNING_KEY_FILE}`);
  }, 30_000);
});
