import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { eventually } from '../support/eventually.js';
import { untilIngested } from '../support/ingest-facts.js';
import { report } from '../support/ingest-messages.js';
import { produce } from '../support/kafka.js';
import { ledger } from '../support/ledger-cli.js';
import { runFolder } from '../support/run-folder.js';
import { startSystem, type TestSystem } from '../support/system.js';

jest.setTimeout(180_000);

interface Said {
  ok: boolean;
  checks: { name: string; ok: boolean; kind?: string; position?: number; detail: string }[];
  log: { size: number };
  proofs?: { position: number }[];
}

describe('an auditor with nothing but the public key', () => {
  let system: TestSystem;
  let folder: string;
  let sent = 0;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(runFolder(), 'auditor-'));
    system = await startSystem({
      apps: ['ingest', 'notary', 'audit-api'],
      env: { LEDGER_CHECKPOINT_INTERVAL_MS: '100' },
    });
    await record(700);
    await untilPublished();
    keep('key', await get('/log/key'));
  });
  afterAll(() => system?.stop());

  const at = (name: string): string => path.join(folder, name);
  function keep(name: string, content: string): string {
    writeFileSync(at(name), content);
    return at(name);
  }
  const url = (what: string): string => `${system.app('audit-api').url}${what}`;
  async function get(what: string): Promise<string> {
    const answer = await fetch(url(what));
    expect([what, answer.status]).toEqual([what, 200]);
    return answer.text();
  }

  async function record(count: number): Promise<void> {
    const messages = Array.from({ length: count }, () => {
      sent += 1;
      return report({ id: `m-${sent}`, reportId: `r-${sent}`, ref: `incident-${sent % 50}` });
    });
    await produce(messages, system.brokers);
    await untilIngested(system.pool, system.brokers, system.env['LEDGER_CONSUMER_GROUP'] ?? '');
  }

  async function untilPublished(): Promise<void> {
    const { rows } = await system.pool.query<{ size: number }>('SELECT next_position::int AS size FROM ledger.head');
    await eventually('all events are published', async () => {
      const answer = await fetch(url('/log/checkpoint'));
      return answer.ok && Number((await answer.text()).split('\n')[1]) === rows[0]?.size;
    });
  }

  /** `ledger verify` as somebody without access to anything runs it, or with the database. */
  async function verify(
    words: readonly string[],
    env: Record<string, string> = {},
  ): Promise<{ code: number | null; said: Said }> {
    const { code, stdout, stderr } = await ledger(['--json', 'verify', '--key', at('key'), ...words], env);
    if (!stdout.startsWith('{')) throw new Error(`nothing that can be read: ${stderr}`);
    return { code, said: JSON.parse(stdout) as Said };
  }

  it('verifies the log over HTTP, one event by its proof, and the database beside it, in one call', async () => {
    const proof = keep('7.tlog-proof', await get('/v1/events/7/proof'));
    const { code, said } = await verify(['--log', url('/log'), '--proof', proof, '--database'], {
      DATABASE_URL: system.database.url,
    });
    expect([said.checks.filter(({ ok }) => !ok), code]).toEqual([[], 0]);
    expect(said.checks.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['checkpoint', 'witnesses', 'tree', 'leaves', 'database', 'columns', 'streams', 'proof']),
    );
    expect(said.proofs).toMatchObject([{ position: 7 }]);
  });

  it('may take the key that the server names, and is warned', async () => {
    const { code, stderr } = await ledger(['verify', '--log', url('/log'), '--key-from-server'], {});
    expect([code, stderr]).toEqual([0, expect.stringContaining('WARNING')]);
  });

  it('hears no false alarm while events are being recorded and signed', async () => {
    const done = new AbortController();
    const recording = (async () => {
      for (let i = 0; i < 8; i++) await record(100);
      done.abort();
    })();
    const runs: { code: number | null; failed: unknown[] }[] = [];
    while (!done.signal.aborted) {
      const { code, said } = await verify(['--log', url('/log'), '--database'], { DATABASE_URL: system.database.url });
      runs.push({ code, failed: said.checks.filter(({ ok }) => !ok) });
    }
    await recording;
    expect(runs.length).toBeGreaterThan(0);
    expect(runs.filter(({ code }) => code !== 0)).toEqual([]);
  });

  it('keeps a mirror, which verifies without a server and must be the beginning of what is served later', async () => {
    await untilPublished();
    const first = await verify(['--log', url('/log'), '--save', at('mirror')]);
    expect(first.code).toBe(0);
    expect((await verify(['--log', at('mirror')])).said).toMatchObject({
      ok: true,
      log: { size: first.said.log.size },
    });
    await record(300);
    await untilPublished();
    const second = await verify(['--log', url('/log'), '--save', at('mirror')]);
    expect(second).toMatchObject({ code: 0, said: { ok: true } });
    expect(second.said.checks).toContainEqual(expect.objectContaining({ name: 'consistency', ok: true }));
    expect(second.said.log.size).toBeGreaterThan(first.said.log.size);
  });

  it('is told by the exit code what cannot be checked: that is not damage', async () => {
    const nobody = await verify(['--log', 'http://127.0.0.1:9/log']);
    expect([nobody.code, nobody.said.checks[0]?.kind]).toEqual([3, 'NOT_CHECKED']);
    const noDatabase = await verify(['--log', at('mirror'), '--database'], {
      DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none',
    });
    expect(noDatabase.code).toBe(3);
    expect(noDatabase.said.checks.filter(({ ok }) => !ok)).toMatchObject([{ name: 'database', kind: 'NOT_CHECKED' }]);
  });

  it('finds a byte that was changed in the copy of any file', async () => {
    cpSync(at('mirror'), at('damaged'), { recursive: true });
    const file = path.join(at('damaged'), 'tile/entries/001');
    const bytes = readFileSync(file);
    // Within the first entry of the bundle.
    bytes[100]! ^= 1;
    writeFileSync(file, bytes);
    const { code, said } = await verify(['--log', at('damaged')]);
    expect(code).toBe(1);
    expect(said.checks.find(({ name }) => name === 'tree')).toMatchObject({ kind: 'ENTRY_CHANGED', position: 256 });
  });
});
