import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { canonicalize, type Disclosure } from '#app/log';
import {
  formatCheckpoint,
  formatNote,
  formatProof,
  formatVerifierKey,
  NoteSigner,
  parseNote,
  tileReader,
  TreeProver,
} from '#app/transparency';
import { hash } from 'node:crypto';
import { WrittenLog } from '../../../../test/interop/written-log.js';
import type { Check } from './findings.js';
import { splitNotes } from './earlier-checkpoints.js';
import { openSource } from './log-source.js';
import { registerVerify } from './verify.command.js';

const ORIGIN = 'ledger.example/log';
const LOG = '01890a5d-ac96-774b-bcce-b302099a8057';
const SALT = Buffer.alloc(16, 9);
const SIZE = 300;
const folder = mkdtempSync(path.join(tmpdir(), 'verify-files-'));
const witness = NoteSigner.generate('witness.example/w1', 'WITNESS');
let log: WrittenLog;

beforeAll(async () => {
  log = new WrittenLog(folder, NoteSigner.generate(ORIGIN, 'LOG'), leafAt);
  await log.growTo(SIZE);
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  process.exitCode = 0;
});

/** Each commits to its summary. */
function leafAt(position: number): Buffer {
  const digest = hash(
    'sha256',
    Buffer.concat([SALT, Buffer.from(canonicalize(['/summary', `summary ${position}`]))]),
    'base64url',
  );
  return Buffer.from(
    canonicalize({
      actor: 'publisher:x',
      data: position === 0 ? { origin: ORIGIN } : {},
      id: `id-${position}`,
      log: LOG,
      position,
      recordedAt: '2026-11-24T00:00:00.000Z',
      sd: { '/summary': digest },
      stream: LOG,
      streamVersion: position + 1,
      type: position === 0 ? 'LogCreated' : 'ReportRecorded',
    }),
  );
}

async function proofOf(index: number, note = log.sign(SIZE, log.edge.root())): Promise<string> {
  const prover = new TreeProver(SIZE, tileReader(openSource(log.at).read));
  return formatProof({ index, path: await prover.inclusion(index), extra: leafAt(index), checkpoint: note });
}

function cosigned(): string {
  const note = parseNote(log.sign(SIZE, log.edge.root()));
  return formatNote({
    ...note,
    signatures: [...note.signatures, witness.sign(note.text, new Date(1_795_455_813_000))],
  });
}

function keep(name: string, content: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}

interface Said {
  ok: boolean;
  checks: Check[];
  proofs?: { position: number; leaf: { id: string }; cosigned: unknown[] }[];
}

/** `ledger --json verify …` in this process. */
async function verify(...words: string[]): Promise<{ code: unknown; said: Said }> {
  const program = new Command('ledger').option('--json').exitOverride();
  registerVerify(program);
  let text = '';
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  const complain = jest.spyOn(process.stderr, 'write').mockImplementation(() => true);
  try {
    await program.parseAsync(['node', 'ledger', '--json', 'verify', ...words]);
  } finally {
    write.mockRestore();
    complain.mockRestore();
  }
  return { code: process.exitCode, said: JSON.parse(text) as Said };
}

describe('a proof', () => {
  it('shows what its leaf says', async () => {
    const { code, said } = await verify('--key', log.vkeyFile, '--proof', keep('good', await proofOf(77)));
    expect(code).toBe(0);
    expect(said).toMatchObject({
      ok: true,
      checks: [{ name: 'proof', ok: true }],
      proofs: [{ position: 77, leaf: { id: 'id-77' } }],
    });
  });

  it.each([
    ['of another position', (proof: string) => proof.replace('index 77', 'index 78'), 'NOT_PROVED'],
    [
      'with another leaf',
      (proof: string) => proof.replace(/^extra .*$/m, `extra ${leafAt(78).toString('base64')}`),
      'NOT_PROVED',
    ],
    ['without a leaf', (proof: string) => proof.replace(/^extra .*\n/m, ''), 'MALFORMED'],
    ['cut off', (proof: string) => proof.slice(0, 200), 'MALFORMED'],
  ])('%s is refused', async (_name, change, kind) => {
    const { code, said } = await verify('--key', log.vkeyFile, '--proof', keep('bad', change(await proofOf(77))));
    expect([code, said.ok, said.checks[0]?.kind]).toEqual([1, false, kind]);
    expect(said.proofs).toBeUndefined();
  });

  it('has its quorum or is refused', async () => {
    const lines = [
      `log ${formatVerifierKey(log.signer.verifier)}`,
      `witness w1 ${formatVerifierKey(witness.verifier)}`,
      'quorum w1',
    ];
    const policy = keep('policy', `${lines.join('\n')}\n`);
    const without = await verify('--policy', policy, '--proof', keep('without', await proofOf(5)));
    expect([without.code, without.said.checks[0]?.kind]).toEqual([1, 'NOT_PROVED']);
    const withIt = await verify('--policy', policy, '--proof', keep('with', await proofOf(5, cosigned())));
    expect(withIt.code).toBe(0);
    expect(withIt.said.proofs?.[0]?.cosigned).toEqual([{ witness: 'w1', time: '2026-11-23T17:43:33.000Z' }]);
    // The log line may come from --key.
    const own = keep('own-policy', lines.slice(1).join('\n'));
    expect((await verify('--policy', own, '--key', log.vkeyFile, '--proof', path.join(folder, 'with'))).code).toBe(0);
  });
});

describe('a disclosed value', () => {
  const disclosure = async (changes: Partial<Disclosure> = {}): Promise<string> =>
    JSON.stringify({
      v: 1,
      log: LOG,
      position: 9,
      pointer: '/summary',
      value: 'summary 9',
      salt: SALT.toString('base64url'),
      proof: await proofOf(9),
      ...changes,
    });

  it('is one that a leaf of the log committed to', async () => {
    const { code, said } = await verify('--key', log.vkeyFile, '--disclosure', keep('disclosure', await disclosure()));
    expect(code).toBe(0);
    expect(said.checks).toEqual([{ name: 'disclosure', ok: true, detail: expect.stringContaining('"summary 9"') }]);
  });

  it.each([
    [{ value: 'another' }, 'NOT_COMMITTED'],
    [{ salt: Buffer.alloc(16, 8).toString('base64url') }, 'NOT_COMMITTED'],
    [{ pointer: '/tags/0' }, 'NOT_COMMITTED'],
    [{ position: 10 }, 'NOT_COMMITTED'],
    [{ proof: null }, 'NOT_PROVED'],
    [{ proof: 'nothing' }, 'MALFORMED'],
    [{ salt: '' }, 'MALFORMED'],
  ])('that says %j is refused', async (changes, kind) => {
    const { code, said } = await verify(
      '--key',
      log.vkeyFile,
      '--disclosure',
      keep('refused', await disclosure(changes)),
    );
    expect([code, said.checks[0]]).toMatchObject([1, { name: 'disclosure', ok: false, kind }]);
  });
});

describe('the arguments', () => {
  it.each([
    [['--proof', 'nowhere.tlog-proof']],
    [['--key', 'nowhere', '--proof', 'x']],
    [['--policy', 'nowhere']],
    [['--checkpoint', 'x']],
    [['--database']],
    [['--jobs', '0', '--log', '.']],
    [[]],
  ])('%j are refused with 2', async (words) => {
    await expect(verify(...words)).rejects.toMatchObject({ exitCode: 2 });
  });

  it('say that a key of a witness is no key of a log', async () => {
    await expect(verify('--key', formatVerifierKey(witness.verifier), '--log', log.at)).rejects.toThrow('witness');
  });

  it('several checks in one call: what does not verify counts more than what could not be checked', async () => {
    const key = ['--key', formatVerifierKey(log.signer.verifier)];
    const good = keep('also-good', await proofOf(3));
    const gone = await verify(...key, '--log', path.join(folder, 'gone'), '--proof', good);
    expect(gone).toMatchObject({
      code: 2,
      said: { ok: false, checks: [{ kind: 'NOT_CHECKED' }, { name: 'proof', ok: true }] },
    });
    const bad = keep('also-bad', (await proofOf(3)).replace('index 3', 'index 4'));
    expect((await verify(...key, '--log', path.join(folder, 'gone'), '--proof', bad)).code).toBe(1);
    expect((await verify(...key, '--log', log.at, '--proof', good)).code).toBe(0);
  });
});

describe('a file of many checkpoints', () => {
  it('is read note by note, whatever lies between them', () => {
    const note = (size: number): string => {
      const text = formatCheckpoint({ origin: ORIGIN, size, root: Buffer.alloc(32) });
      return formatNote({ text, signatures: [log.signer.sign(text, new Date(0)), log.signer.sign(text, new Date(0))] });
    };
    const notes = [1, 2, 3].map(note);
    for (const between of ['', '\n', '\n\n']) expect(splitNotes(notes.join(between))).toEqual(notes);
    expect(splitNotes('\n')).toEqual([]);
  });
});
