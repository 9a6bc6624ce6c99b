import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { formatVerifierKey, type Policy } from '#app/transparency';
import { WrittenLog } from '../../../../test/interop/written-log.js';
import type { Output } from '../terminal/output.js';
import { openTrustedLog } from './checked-leaves.js';
import type { Check } from './findings.js';
import { openSource } from './log-source.js';
import { readTrust } from './trust.js';
import { verifyLog, type VerifyLogOptions } from './verify-log.js';
import { VerifyReport } from './verify-report.js';

jest.setTimeout(60_000);

const SIZE = 1100;
const folder = mkdtempSync(path.join(tmpdir(), 'verify-remote-'));
let log: WrittenLog;
let policy: Policy;
let server: Server;
let url: string;
/** Paths that were asked for, in their order. */
let asked: string[] = [];
/** How a path is answered, where that is not from the folder. */
const answers = new Map<string, () => { status: number; body?: Buffer }>();
let running = { now: 0, most: 0 };
const notes: string[] = [];
const output: Output = {
  json: true,
  result: () => undefined,
  note: (line) => void notes.push(line),
  progress: () => ({ update: () => undefined, stop: () => undefined }),
};

beforeAll(async () => {
  log = new WrittenLog(folder);
  await log.growTo(400);
  await log.growTo(SIZE);
  policy = { logs: [{ key: log.signer.verifier, url: null }], witnesses: [], groups: [], quorum: 'none' };
  server = createServer((request, response) => {
    const name = (request.url ?? '').replace('/log/', '');
    asked.push(name);
    running.most = Math.max(running.most, ++running.now);
    const file = path.join(log.at, name);
    const special = answers.get(name)?.();
    const there = existsSync(file) ? { status: 200, body: readFileSync(file) } : { status: 404 };
    const { status, body = Buffer.alloc(0) } = { ...there, ...special };
    setTimeout(() => {
      running.now--;
      response.writeHead(status, { 'content-encoding': 'gzip' }).end(gzipSync(body));
    }, 1);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/log`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  asked = [];
  running = { now: 0, most: 0 };
});
afterEach(() => answers.clear());

async function verify(options: Partial<VerifyLogOptions> = {}): Promise<Check[]> {
  const report = new VerifyReport();
  let said = { checks: [] as Check[] };
  await verifyLog({ log: url, policy, jobs: 1, limit: 20, treeOnly: true, ...options }, report, output);
  report.print({ ...output, result: (value) => (said = value as typeof said) });
  return said.checks;
}

const failures = (checks: Check[]): unknown[] =>
  checks.filter(({ ok }) => !ok).map(({ name, kind, findings }) => [name, kind, findings?.[0]?.path]);

describe('a log behind a URL', () => {
  it('verifies, compressed, with a few requests at once and a slash behind the prefix', async () => {
    expect(failures(await verify({ log: `${url}//` }))).toEqual([]);
    expect(running.most).toBeGreaterThan(1);
    expect(running.most).toBeLessThanOrEqual(8);
  });

  it('is asked again when it does not answer at once', async () => {
    let left = 2;
    answers.set('tile/entries/001', () => (left-- > 0 ? { status: 503 } : { status: 200 }));
    expect(failures(await verify())).toEqual([]);
    expect(asked.filter((name) => name === 'tile/entries/001')).toHaveLength(3);
  });

  it('cannot be checked when it refuses: that is not the same as damage', async () => {
    answers.set('tile/entries/001', () => ({ status: 403 }));
    await expect(verify()).rejects.toMatchObject({ exitCode: 3, message: expect.stringContaining('answers 403') });
  });

  it.each([
    ['a file that is gone', () => ({ status: 404 }), 'MISSING'],
    ['bytes that are no bundle', () => ({ status: 200, body: Buffer.from('<html>') }), 'MALFORMED'],
    ['more bytes than any bundle has', () => ({ status: 200, body: Buffer.alloc(40_000_000) }), 'MALFORMED'],
  ])('with %s does not verify', async (_name, answer, kind) => {
    answers.set('tile/entries/001', answer);
    expect(failures(await verify())).toEqual([['tree', kind, 'tile/entries/001']]);
  });

  it('is no file and no other protocol', () => {
    for (const at of ['file:///etc', 'ftp://example.org/log', 'http://']) {
      expect(() => openSource(at)).toThrow(expect.objectContaining({ exitCode: 2 }));
    }
  });

  it('may name its own key, and the person is warned', async () => {
    answers.set('key', () => ({ status: 200, body: Buffer.from(`${formatVerifierKey(log.signer.verifier)}\n`) }));
    const trusted = await readTrust({ keyFromServer: true, log: url }, output);
    expect(trusted.logs.map(({ key }) => key)).toEqual([log.signer.verifier]);
    expect(notes.join('\n')).toContain('WARNING');
    await expect(readTrust({ keyFromServer: true, log: folder }, output)).rejects.toMatchObject({ exitCode: 2 });
  });
});

describe('a mirror', () => {
  it('is a log itself, and full tiles are fetched once', async () => {
    const save = path.join(folder, 'mirror');
    expect(failures(await verify({ save }))).toEqual([]);
    expect(failures(await verify({ log: save }))).toEqual([]);
    expect(readFileSync(path.join(save, 'checkpoint'), 'utf8')).toBe(
      readFileSync(path.join(log.at, 'checkpoint'), 'utf8'),
    );
    asked = [];
    const again = await verify({ save });
    expect(failures(again)).toEqual([]);
    expect(again.map(({ name }) => name)).toContain('consistency');
    expect(asked.filter((name) => /^tile\/[^.]+$/.test(name))).toEqual([]);
  });

  it('keeps the last good checkpoint when the log goes back, and the bad one beside it', async () => {
    const save = path.join(folder, 'mirror-of-a-fork');
    await verify({ save });
    const good = readFileSync(path.join(save, 'checkpoint'));
    const earlier = readFileSync(path.join(log.published, '400'));
    answers.set('checkpoint', () => ({ status: 200, body: earlier }));
    const checks = await verify({ save });
    expect(failures(checks)).toEqual([['consistency', 'ROLLED_BACK', undefined]]);
    expect(readFileSync(path.join(save, 'checkpoint'))).toEqual(good);
    expect(readFileSync(path.join(save, 'checkpoint.refused'))).toEqual(earlier);
  });

  it('is only for a URL', async () => {
    await expect(verify({ log: log.at, save: path.join(folder, 'of-a-folder') })).rejects.toMatchObject({
      exitCode: 2,
    });
    expect(readdirSync(folder)).not.toContain('of-a-folder');
  });
});

describe('leaves that are read to be used', () => {
  it('are those of the range, each checked', async () => {
    const trusted = await openTrustedLog({ at: url, policy });
    expect(trusted.head).toMatchObject({ size: SIZE, root: log.edge.root() });
    for (const range of [{}, { from: 300, upTo: 520 }, { from: 1099 }, { upTo: 0 }, { from: 512, upTo: 511 }]) {
      const positions: number[] = [];
      for await (const { first, leaves } of trusted.leaves(range)) {
        for (const [i, leaf] of leaves.entries()) {
          expect(first + i < 4 || leaf.includes(`"position":${first + i},`)).toBe(true);
          positions.push(first + i);
        }
      }
      const { from = 0, upTo = SIZE - 1 } = range;
      expect(positions).toEqual(Array.from({ length: upTo - from + 1 }, (_, i) => from + i));
    }
  });

  it.each([
    ['changed', (bytes: Buffer) => bytes.fill(0x78, 500, 501), 'not those under the signed root'],
    ['cut off', (bytes: Buffer) => bytes.subarray(0, 700), 'ends within'],
  ])('are not handed out when they are %s', async (_name, change, message) => {
    const file = path.join(log.at, 'tile/entries/002');
    const before = readFileSync(file);
    const trusted = await openTrustedLog({ at: log.at, policy });
    writeFileSync(file, change(Buffer.from(before)));
    try {
      const seen: number[] = [];
      const read = async (): Promise<void> => {
        for await (const { first } of trusted.leaves()) seen.push(first);
      };
      await expect(read()).rejects.toMatchObject({ exitCode: 1, message: expect.stringContaining(message) });
      expect(seen).toEqual([0, 256]);
    } finally {
      writeFileSync(file, before);
    }
  });

  it('are not read from a log whose checkpoint or edge is not right', async () => {
    const stranger = {
      ...policy,
      logs: [{ key: new WrittenLog(path.join(folder, 'stranger')).signer.verifier, url: null }],
    };
    await expect(openTrustedLog({ at: log.at, policy: stranger })).rejects.toMatchObject({ exitCode: 1 });
    answers.set('checkpoint', () => ({ status: 200, body: Buffer.from(log.sign(SIZE, Buffer.alloc(32))) }));
    await expect(openTrustedLog({ at: url, policy })).rejects.toMatchObject({ exitCode: 1 });
  });
});
