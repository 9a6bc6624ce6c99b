import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { repositoryRoot } from '#app/runtime';
import { parseCheckpoint, parseNote } from '#app/transparency';
import { eventually } from '../support/eventually.js';
import { untilIngested } from '../support/ingest-facts.js';
import { report } from '../support/ingest-messages.js';
import { produce } from '../support/kafka.js';
import { runFolder } from '../support/run-folder.js';
import { startSystem, type TestSystem } from '../support/system.js';
import { runProgram } from './finished-program.js';
import { type CheckedLog, GoCheckers } from './go-checkers.js';

// Go may have to build its programs.
jest.setTimeout(600_000);

const built = await GoCheckers.build();
const withGo = typeof built === 'string' ? it.skip : it;
if (typeof built === 'string')
  process.stderr.write(`skipped: what Tessera and x/mod say of a running ledger, because ${built}\n`);
const checkers = built as GoCheckers;
const python = await runProgram('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))']);
const withPython = python.code === 0 ? it : it.skip;
if (python.code !== 0) process.stderr.write('skipped: a proof in another language, because Python 3 is not there\n');

describe('whoever knows nothing but the addresses of a running ledger', () => {
  let system: TestSystem;
  let folder: string;
  let sent = 0;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(runFolder(), 'outsider-'));
    system = await startSystem({
      apps: ['ingest', 'notary', 'audit-api'],
      env: { LEDGER_CHECKPOINT_INTERVAL_MS: '50' },
    });
    await record(300);
    await untilPublished();
  });
  afterAll(() => system?.stop());

  async function record(count: number): Promise<void> {
    const messages = Array.from({ length: count }, () => {
      sent += 1;
      return report({ id: `m-${sent}`, reportId: `r-${sent}`, ref: `incident-${sent % 50}` });
    });
    await produce(messages, system.brokers);
    await untilIngested(system.pool, system.brokers, system.env['LEDGER_CONSUMER_GROUP'] ?? '');
  }

  const get = async (what: string): Promise<string> => {
    const answer = await fetch(`${system.app('audit-api').url}${what}`);
    expect([what, answer.status]).toEqual([what, 200]);
    return answer.text();
  };

  const sizeServed = async (): Promise<number> => parseCheckpoint(parseNote(await get('/log/checkpoint')).text).size;

  async function untilPublished(): Promise<number> {
    const { rows } = await system.pool.query<{ size: number }>('SELECT next_position::int AS size FROM ledger.head');
    const size = rows[0]?.size ?? 0;
    await eventually(`${size} events are under the served checkpoint`, async () => (await sizeServed()) === size);
    return size;
  }

  function keep(name: string, content: string): string {
    const file = path.join(folder, name);
    writeFileSync(file, content);
    return file;
  }

  /** The log as it is served, by the key that is served. */
  const served = async (): Promise<CheckedLog> => ({
    at: `${system.app('audit-api').url}/log/`,
    vkeyFile: keep('vkey', (await get('/log/key')).trim()),
  });

  async function expectAccepted(log: CheckedLog, published?: string): Promise<void> {
    const fsck = await checkers.fsck(log);
    expect([fsck.output, fsck.accepted]).toEqual([expect.any(String), true]);
    const tlogcheck = await checkers.tlogcheck(log, published === undefined ? {} : { published });
    expect([tlogcheck.output, tlogcheck.accepted]).toEqual([expect.any(String), true]);
  }

  withGo("can check the whole log by Tessera's fsck and by x/mod, over HTTP and in the folder", async () => {
    const log = await served();
    await expectAccepted(log);
    await expectAccepted({ ...log, at: system.env['LEDGER_TILES_DIR'] ?? '' });
  });

  withGo('sees one history through whatever happens to the notary, each pair of checkpoints consistent', async () => {
    const published = mkdtempSync(path.join(folder, 'published-'));
    const watching = new AbortController();
    const watcher = (async () => {
      while (!watching.signal.aborted) {
        const note = await get('/log/checkpoint');
        writeFileSync(path.join(published, note.split('\n')[1] ?? ''), note);
        await sleep(20);
      }
    })();
    let size = 0;
    for (let kills = 0; kills < 5; kills += 1) {
      const recording = record(150);
      await sleep(100 + kills * 70);
      await system.app('notary').kill();
      await recording;
      await system.start('notary');
      size = await untilPublished();
    }
    watching.abort();
    await watcher;
    const log = await served();
    await expectAccepted(log, published);
    const { output } = await checkers.tlogcheck(log, { published });
    expect(output).toContain(`${size} leaves`);
    const [, checkpoints] = /, (\d+) checkpoints, /.exec(output) ?? [];
    expect(Number(checkpoints)).toBeGreaterThan(5);
  });

  withGo('refuses it when one byte of the folder that is served is another one', async () => {
    const log = await served();
    const tile = path.join(system.env['LEDGER_TILES_DIR'] ?? '', 'tile/0/000');
    const bytes = readFileSync(tile);
    try {
      writeFileSync(tile, Buffer.concat([bytes.subarray(0, -1), Buffer.of((bytes.at(-1) ?? 0) ^ 1)]));
      expect(await checkers.fsck(log)).toMatchObject({ accepted: false });
      expect(await checkers.tlogcheck(log)).toMatchObject({ accepted: false });
    } finally {
      writeFileSync(tile, bytes);
    }
  });

  withPython('can check the proof of one event by a program that knows the specifications alone', async () => {
    const size = await sizeServed();
    const policy = keep('policy', await get('/log/policy'));
    const program = path.join(repositoryRoot(), 'test', 'interop', 'proof_check.py');
    for (const position of [0, 1, 255, 256, size - 1]) {
      const proof = keep('event.tlog-proof', await get(`/v1/events/${position}/proof`));
      const { code, output } = await runProgram('python3', [program, policy, proof]);
      expect([code, output]).toEqual([
        0,
        expect.stringMatching(new RegExp(`^ok: entry ${position} of test\\.conflict`)),
      ]);
      const event = JSON.parse(await get(`/v1/events/${position}`)) as { leaf: string };
      const leaf = keep('leaf', event.leaf);
      expect(await runProgram('python3', [program, policy, proof, leaf])).toMatchObject({ code: 0 });
      const other = keep('leaf', `${readFileSync(leaf, 'utf8')} `);
      expect(await runProgram('python3', [program, policy, proof, other])).toMatchObject({ code: 1 });
    }
  });
});
