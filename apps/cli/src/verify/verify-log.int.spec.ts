import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { canonicalize } from '#app/log';
import {
  decodeBundle,
  encodeBundle,
  leafHash,
  type Policy,
  rootOf,
  splitHashes,
  TILE_WIDTH,
  tilePath,
} from '#app/transparency';
import { ledger } from '../../../../test/support/ledger-cli.js';
import { WrittenLog } from '../../../../test/interop/written-log.js';
import type { Output } from '../terminal/output.js';
import type { Check } from './findings.js';
import { verifyLog, type VerifyLogOptions } from './verify-log.js';
import { VerifyReport } from './verify-report.js';

jest.setTimeout(120_000);

/** Two full levels of tiles, a third one, and partial tiles at every level. */
const SIZE = 66_000;
const ORIGIN = 'ledger.example/log';
const LOG = '01890a5d-ac96-774b-bcce-b302099a8057';

const folder = mkdtempSync(path.join(tmpdir(), 'verify-'));
let log: WrittenLog;
let small: WrittenLog;
let policy: Policy;

beforeAll(async () => {
  log = new WrittenLog(path.join(folder, 'large'), undefined, leafAt);
  await log.growTo(1000);
  await log.growTo(SIZE);
  small = new WrittenLog(path.join(folder, 'small'), log.signer, leafAt);
  await small.growTo(600);
  policy = { logs: [{ key: log.signer.verifier, url: null }], witnesses: [], groups: [], quorum: 'none' };
});
afterAll(() => rmSync(folder, { recursive: true }));

/** As ingest writes them, in short: made of the position alone. */
function leafAt(position: number, changes: object = {}): Buffer {
  const isFirst = position === 0;
  return Buffer.from(
    canonicalize({
      data: isFirst ? { origin: ORIGIN } : { report: { place: 'الموصل' } },
      log: LOG,
      position,
      recordedAt: new Date(1_795_455_813_000 + Math.floor(position / 3)).toISOString(),
      type: isFirst ? 'LogCreated' : 'ReportRecorded',
      ...changes,
    }),
  );
}

/** Checks a log in this process. @returns its checks by name */
async function verify(at: string, options: Partial<VerifyLogOptions> = {}): Promise<Record<string, Check>> {
  const report = new VerifyReport();
  let said = { checks: [] as Check[] };
  const output: Output = {
    json: true,
    result: (value) => (said = value as typeof said),
    note: () => undefined,
    progress: () => ({ update: () => undefined, stop: () => undefined }),
  };
  await verifyLog({ log: at, policy, jobs: 1, limit: 20, ...options }, report, output);
  report.print(output);
  return Object.fromEntries(said.checks.map((check) => [check.name, check]));
}

/** What the checks that failed found. */
function foundIn(checks: Record<string, Check>): Record<string, unknown[]> {
  const failed = Object.values(checks).filter(({ ok }) => !ok);
  return Object.fromEntries(
    failed.map(({ name, findings = [] }) => [
      name,
      findings.map(({ kind, position, path: file }) => [kind, position, file]),
    ]),
  );
}

/** A copy of a log that may be damaged. */
function copyOf(original: WrittenLog, name: string): string {
  const at = path.join(folder, name);
  rmSync(at, { recursive: true, force: true });
  cpSync(original.at, at, { recursive: true });
  return at;
}

const inFile = (at: string, file: string, change: (bytes: Buffer) => Buffer): void =>
  writeFileSync(path.join(at, file), change(readFileSync(path.join(at, file))));
const bundlePath = (index: number, width = TILE_WIDTH): string => tilePath({ level: 'entries', index, width });
const hashPath = (level: number, index: number, width = TILE_WIDTH): string => tilePath({ level, index, width });

function changeEntries(at: string, file: string, change: (entries: Buffer[]) => void): void {
  inFile(at, file, (bytes) => {
    const width = /\.p\/(\d+)$/.exec(file)?.[1];
    const entries = decodeBundle(bytes, Number(width ?? TILE_WIDTH));
    change(entries);
    return encodeBundle(entries);
  });
}

function changeHash(at: string, file: string, index: number): void {
  inFile(at, file, (bytes) => {
    bytes[index * 32 + 5]! ^= 1;
    return bytes;
  });
}

describe('a log that nobody touched', () => {
  it.each([0, 1, 2, 255, 256, 257, 512, 65_535, 65_536, 65_537])('of %d leaves verifies', async (size) => {
    const one = new WrittenLog(path.join(folder, `of-${size}`), log.signer, leafAt);
    await one.growTo(size);
    expect(foundIn(await verify(one.at))).toEqual({});
  });

  it('verifies when the partial tiles of its checkpoint are gone and wider ones are there', async () => {
    const at = copyOf(log, 'wider');
    writeFileSync(path.join(at, 'checkpoint'), readFileSync(path.join(log.published, '1000')));
    for (const file of [bundlePath(3, 232), hashPath(0, 3, 232)]) rmSync(path.join(at, file));
    // A tile above the leaves has grown by full ones only: its beginning is what it was.
    rmSync(path.join(at, hashPath(1, 0, 3)));
    expect(foundIn(await verify(at))).toEqual({});
  });

  it('of any other application verifies as a tree', async () => {
    const other = new WrittenLog(path.join(folder, 'other'), log.signer);
    await other.growTo(300);
    expect(foundIn(await verify(other.at, { treeOnly: true }))).toEqual({});
    expect((await verify(other.at))['leaves']).toMatchObject({ ok: false });
  });
});

describe('damage on disk is named with its position', () => {
  const cases: [name: string, damage: (at: string) => void, tree: unknown[][]][] = [
    [
      'an entry changed',
      (at) => changeEntries(at, bundlePath(0), (entries) => (entries[7] = leafAt(7, { actor: 'x' }))),
      [['ENTRY_CHANGED', 7, hashPath(0, 0)]],
    ],
    [
      'an entry of the partial bundle changed',
      (at) => changeEntries(at, bundlePath(257, 208), (entries) => (entries[3] = leafAt(65_795, { actor: 'x' }))),
      [['ENTRY_CHANGED', 65_795, hashPath(0, 257, 208)]],
    ],
    [
      'two entries swapped',
      (at) => changeEntries(at, bundlePath(2), (entries) => ([entries[1], entries[9]] = [entries[9]!, entries[1]!])),
      [
        ['ENTRY_CHANGED', 513, hashPath(0, 2)],
        ['ENTRY_CHANGED', 521, hashPath(0, 2)],
      ],
    ],
    ['a hash of a leaf changed', (at) => changeHash(at, hashPath(0, 5), 3), [['TILE_CHANGED', 1283, hashPath(0, 5)]]],
    [
      'a hash of the partial tile of leaves changed',
      (at) => changeHash(at, hashPath(0, 257, 208), 207),
      [['TILE_CHANGED', 65_999, hashPath(0, 257, 208)]],
    ],
    [
      'an entry changed and its tile with it',
      (at) => {
        const changed = leafAt(1283, { actor: 'x' });
        changeEntries(at, bundlePath(5), (entries) => (entries[3] = changed));
        inFile(at, hashPath(0, 5), (bytes) => (leafHash(changed).copy(bytes, 3 * 32), bytes));
      },
      [['ENTRY_CHANGED', 1280, hashPath(0, 5)]],
    ],
    [
      'an entry, its tile and the one above changed',
      (at) => {
        const changed = leafAt(1283, { actor: 'x' });
        changeEntries(at, bundlePath(5), (entries) => (entries[3] = changed));
        inFile(at, hashPath(0, 5), (bytes) => (leafHash(changed).copy(bytes, 3 * 32), bytes));
        const above = rootOf(splitHashes(readFileSync(path.join(at, hashPath(0, 5)))));
        inFile(at, hashPath(1, 0), (bytes) => (above.copy(bytes, 5 * 32), bytes));
      },
      [['ENTRY_CHANGED', 0, hashPath(2, 0, 1)]],
    ],
    ['a hash of level 1 changed', (at) => changeHash(at, hashPath(1, 0), 4), [['TILE_CHANGED', 1024, hashPath(1, 0)]]],
    [
      'a hash of partial level 1 changed',
      (at) => changeHash(at, hashPath(1, 1, 1), 0),
      [['TILE_CHANGED', 65_536, hashPath(1, 1, 1)]],
    ],
    ['the top changed', (at) => changeHash(at, hashPath(2, 0, 1), 0), [['TILE_CHANGED', 0, hashPath(2, 0, 1)]]],
    ['a bundle gone', (at) => rmSync(path.join(at, bundlePath(9))), [['MISSING', 2304, bundlePath(9)]]],
    ['a tile of leaves gone', (at) => rmSync(path.join(at, hashPath(0, 9))), [['MISSING', 2304, hashPath(0, 9)]]],
    ['a tile of level 1 gone', (at) => rmSync(path.join(at, hashPath(1, 0))), [['MISSING', 0, hashPath(1, 0)]]],
    [
      'the partial tile of level 1 gone',
      (at) => rmSync(path.join(at, hashPath(1, 1, 1))),
      [['MISSING', 65_536, hashPath(1, 1, 1)]],
    ],
    [
      'a bundle and its tile gone',
      (at) => [bundlePath(9), hashPath(0, 9)].forEach((file) => rmSync(path.join(at, file))),
      [
        ['MISSING', 2304, bundlePath(9)],
        ['MISSING', 2304, hashPath(0, 9)],
      ],
    ],
    [
      'a bundle cut off',
      (at) => inFile(at, bundlePath(9), (bytes) => bytes.subarray(0, 5000)),
      [['MALFORMED', 2304, bundlePath(9)]],
    ],
    [
      'a bundle with one entry less',
      (at) => changeEntries(at, bundlePath(9), (entries) => entries.pop()),
      [['MALFORMED', 2304, bundlePath(9)]],
    ],
    [
      'a tile cut off',
      (at) => inFile(at, hashPath(0, 9), (bytes) => bytes.subarray(32)),
      [['MALFORMED', 2304, hashPath(0, 9)]],
    ],
    [
      'a tile of level 1 cut off',
      (at) => inFile(at, hashPath(1, 0), (bytes) => bytes.subarray(32)),
      [['MALFORMED', 0, hashPath(1, 0)]],
    ],
  ];

  it.each(cases)('%s', async (_name, damage, tree) => {
    const at = copyOf(log, 'damaged');
    damage(at);
    const checks = await verify(at, { treeOnly: true });
    expect(checks['checkpoint']).toMatchObject({ ok: true });
    expect(foundIn({ tree: checks['tree'] as Check })).toEqual({ tree });
    expect(checks['tree']).toMatchObject({ kind: tree[0]?.[0], position: tree[0]?.[1] });
  });

  it('all of it, up to the limit, the first one first', async () => {
    const at = copyOf(log, 'everywhere');
    for (const index of [200, 3, 100]) changeHash(at, hashPath(0, index), 1);
    rmSync(path.join(at, bundlePath(50)));
    const all = await verify(at);
    expect(all['tree']?.findings?.map(({ position }) => position)).toEqual([769, 12_800, 25_601, 51_201]);
    const first = await verify(at, { limit: 1 });
    expect(first['tree']).toMatchObject({ kind: 'TILE_CHANGED', position: 769 });
    expect(first['leaves']).toMatchObject({ ok: false, kind: 'NOT_CHECKED' });
  });

  it('a byte changed anywhere in any file', async () => {
    const files = readdirSync(small.at, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));
    const change = fc.record({ file: fc.constantFrom(...files), at: fc.nat(), bit: fc.nat(7) });
    await fc.assert(
      fc.asyncProperty(change, async ({ file, at, bit }) => {
        const before = readFileSync(file);
        const after = Buffer.from(before);
        after[at % after.length]! ^= 1 << bit;
        writeFileSync(file, after);
        const checks = await verify(small.at, { treeOnly: true });
        writeFileSync(file, before);
        expect(Object.values(checks).some(({ ok }) => !ok)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('a log rebuilt from changed entries has another root than the signed one', async () => {
    const forged = new WrittenLog(path.join(folder, 'forged'), undefined, (position) =>
      leafAt(position, position === 400 ? { actor: 'x' } : {}),
    );
    await forged.growTo(600);
    writeFileSync(path.join(forged.at, 'checkpoint'), readFileSync(path.join(small.at, 'checkpoint')));
    expect(foundIn(await verify(forged.at))).toEqual({ tree: [['ROOT', undefined, undefined]] });
  });
});

describe('the checkpoint', () => {
  it('must be signed by a key that is believed', async () => {
    const forged = new WrittenLog(path.join(folder, 'other-key'), undefined, leafAt);
    await forged.growTo(300);
    expect(foundIn(await verify(forged.at))).toEqual({ checkpoint: [['SIGNATURE', undefined, undefined]] });
  });

  it('must be one', async () => {
    const at = copyOf(small, 'no-note');
    writeFileSync(path.join(at, 'checkpoint'), 'nothing\n');
    expect(foundIn(await verify(at))).toEqual({ checkpoint: [['MALFORMED', undefined, undefined]] });
  });

  it('must continue the earlier ones', async () => {
    const kept = path.join(folder, 'kept');
    const notes = ['1000', String(SIZE)].map((size) => readFileSync(path.join(log.published, size), 'utf8'));
    writeFileSync(kept, notes.join('\n'));
    expect(await verify(log.at, { checkpoint: [kept] })).toMatchObject({
      consistency: { ok: true, detail: expect.stringContaining('2 earlier checkpoints') },
    });
    const back = copyOf(log, 'rolled-back');
    writeFileSync(path.join(back, 'checkpoint'), notes[0]!);
    expect(foundIn(await verify(back, { checkpoint: [kept] }))).toEqual({
      consistency: [['ROLLED_BACK', 1000, undefined]],
    });
    const forked = path.join(folder, 'forked');
    writeFileSync(forked, log.sign(500, leafHash(Buffer.from('another history'))));
    expect(foundIn(await verify(log.at, { checkpoint: [kept, forked] }))).toEqual({
      consistency: [['FORKED', undefined, undefined]],
    });
  });
});

describe('the leaves', () => {
  it.each([
    ['NOT_CANONICAL', 300, (leaf: Buffer) => Buffer.from(` ${leaf.toString()}`)],
    ['POSITION', 256, () => leafAt(257)],
    ['LOG', 299, () => leafAt(299, { log: 'another' })],
    ['LOG', 256, () => leafAt(256, { log: undefined })],
    ['RECORDED_AT', 256, () => leafAt(256, { recordedAt: '2020-01-01T00:00:00.000Z' })],
    ['RECORDED_AT', 290, () => leafAt(290, { recordedAt: '2020-01-01T00:00:00.000Z' })],
    ['RECORDED_AT', 290, () => leafAt(290, { recordedAt: '2026' })],
    ['ORIGIN', 0, () => leafAt(0, { data: { origin: 'other.example/log' } })],
  ])(
    'that break the promise %s are named at position %d, although the tree is right',
    async (kind, position, change) => {
      const broken = new WrittenLog(path.join(folder, `leaf-${kind}-${position}`), log.signer, (at) =>
        at === position ? change(leafAt(at)) : leafAt(at),
      );
      await broken.growTo(400);
      const checks = await verify(broken.at);
      expect(checks['tree']).toMatchObject({ ok: true });
      expect(checks['leaves']).toMatchObject({ ok: false, kind, position });
    },
  );
});

describe('the command', () => {
  it('finds the same with threads as without, and says it by its exit code', async () => {
    const at = copyOf(log, 'threads');
    changeHash(at, hashPath(0, 100), 1);
    changeEntries(at, bundlePath(255), (entries) => (entries[255] = Buffer.from('{}')));
    for (const [where, code] of [
      [at, 1],
      [log.at, 0],
    ] as const) {
      const runs = await Promise.all(
        ['1', '3'].map((jobs) =>
          ledger(['--json', 'verify', '--log', where, '--key', log.vkeyFile, '--jobs', jobs], {}),
        ),
      );
      expect(runs.map((run) => run.code)).toEqual([code, code]);
      const [alone, threads] = runs.map(({ stdout }) => JSON.parse(stdout) as { checks: Check[] });
      expect(threads?.checks).toEqual(alone?.checks);
    }
  });

  it('ends with 2 when there is nothing to check or no key', async () => {
    const runs = await Promise.all(
      [
        ['--log', log.at],
        ['--key', log.vkeyFile],
        ['--log', path.join(folder, 'nowhere'), '--key', log.vkeyFile],
      ].map((words) => ledger(['verify', ...words], {})),
    );
    expect(runs.map(({ code }) => code)).toEqual([2, 2, 2]);
  });
});
