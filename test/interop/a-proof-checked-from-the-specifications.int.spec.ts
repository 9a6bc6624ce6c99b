import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '#app/runtime';
import {
  folderReader,
  formatProof,
  formatSignature,
  formatVerifierKey,
  NoteSigner,
  parseNote,
  parseProof,
  tileReader,
  TreeProver,
} from '#app/transparency';
import { runFolder } from '../support/run-folder.js';
import { type FinishedProgram, runProgram } from './finished-program.js';
import { leafOf, WrittenLog } from './written-log.js';

// Both cores may be busy with other specs.
jest.setTimeout(120_000);

const python = await runProgram('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))']);
const check = python.code === 0 ? describe : describe.skip;
if (python.code !== 0)
  process.stderr.write('skipped: the proof checker from the specifications, because Python 3 is not there\n');

const SIZE = 70_000;
const PROGRAM = path.join(repositoryRoot(), 'test', 'interop', 'proof_check.py');
const vkeyOf = ({ verifier }: NoteSigner): string => formatVerifierKey(verifier);

check('a .tlog-proof, to a program in another language that knows the specifications alone', () => {
  let log: WrittenLog;
  let prover: TreeProver;
  let checkpoint: string;
  let folder: string;
  const witnesses = ['a', 'b', 'c'].map((name) => NoteSigner.generate(`witness.example/${name}`, 'WITNESS'));
  const policyOf = (quorum: string, key = vkeyOf(log.signer)): string =>
    [
      '# who is trusted',
      `log ${key} https://ledger.example/log`,
      ...witnesses.map((witness, i) => `witness w${i}\t${vkeyOf(witness)}`),
      'group first all w0 w1',
      'group any-of-them any first w2',
      `quorum ${quorum}`,
      '',
    ].join('\n');

  beforeAll(async () => {
    folder = mkdtempSync(path.join(runFolder(), 'interop-'));
    log = new WrittenLog(folder);
    checkpoint = await log.growTo(SIZE);
    prover = new TreeProver(SIZE, tileReader(folderReader(log.at)));
  });

  const proofOf = async (index: number, note = checkpoint, extra: Buffer | null = leafOf(index)): Promise<string> =>
    formatProof({ index, path: await prover.inclusion(index), extra, checkpoint: note });

  /** The checkpoint with the cosignatures of some witnesses. */
  const cosigned = (...by: readonly NoteSigner[]): string => {
    const { text } = parseNote(checkpoint);
    return checkpoint + by.map((witness) => formatSignature(witness.sign(text, new Date(1_700_000_000_000)))).join('');
  };

  function verdict(proof: string, policy = policyOf('none'), leaf?: Buffer): Promise<FinishedProgram> {
    const files = { policy, proof, ...(leaf === undefined ? {} : { leaf }) };
    const names = Object.entries(files).map(([name, content]) => {
      writeFileSync(path.join(folder, name), content);
      return path.join(folder, name);
    });
    return runProgram('python3', [PROGRAM, ...names]);
  }

  it.each([0, 1, 2, 3, 255, 256, 65_535, 65_536, 69_887, 69_888, 69_998, 69_999])(
    'holds at position %i',
    async (index) => {
      const { code, output } = await verdict(await proofOf(index));
      expect([code, output]).toEqual([
        0,
        `ok: entry ${index} of ledger.example/log, ${leafOf(index).length} bytes, tree of ${SIZE}\n`,
      ]);
    },
  );

  it('holds in trees of every shape', async () => {
    for (let size = 1; size <= 9; size += 1) {
      const small = new WrittenLog(mkdtempSync(path.join(folder, 'small-')), log.signer);
      const note = await small.growTo(size);
      const smallProver = new TreeProver(size, tileReader(folderReader(small.at)));
      for (let index = 0; index < size; index += 4) {
        const inclusion = await smallProver.inclusion(index);
        const proof = formatProof({ index, path: inclusion, extra: leafOf(index), checkpoint: note });
        expect([size, index, await verdict(proof)]).toMatchObject([size, index, { code: 0 }]);
      }
    }
  });

  it('holds for a leaf that is known from elsewhere, and not for another one', async () => {
    const bare = await proofOf(70, checkpoint, null);
    expect(await verdict(bare, policyOf('none'), leafOf(70))).toMatchObject({ code: 0 });
    expect(await verdict(bare, policyOf('none'), leafOf(71))).toMatchObject({ code: 1 });
    expect(await verdict(bare)).toMatchObject({ code: 1, output: expect.stringContaining('no leaf') });
  });

  it.each([
    ['none', [], 0],
    ['w0', [0], 0],
    ['w0', [1, 2], 1],
    ['first', [0, 1], 0],
    ['first', [0, 2], 1],
    ['any-of-them', [2], 0],
    ['any-of-them', [0, 1], 0],
    ['any-of-them', [1], 1],
  ])('under the quorum %s with the witnesses %j ends with %i', async (quorum, by, code) => {
    const note = cosigned(...by.map((n) => witnesses[n] as NoteSigner));
    expect(await verdict(await proofOf(5, note), policyOf(quorum))).toMatchObject({ code });
  });

  it('is refused for every line in which one bit is turned', async () => {
    const proof = await proofOf(69_999, cosigned(witnesses[0] as NoteSigner));
    const lines = proof.split('\n');
    const empty = lines.indexOf('');
    expect(empty).toBeGreaterThan(4);
    for (const [index, line] of lines.entries()) {
      if (line === '') continue;
      const changed = index === 2 ? 'index 69998' : turnBitOf(line);
      const broken = lines.with(index, changed).join('\n');
      expect([line, await verdict(broken, policyOf('w0'))]).toMatchObject([line, { code: 1 }]);
    }
  });

  it('is refused with a hash too many, too few, and two of them swapped', async () => {
    const parsed = parseProof(await proofOf(1_000));
    const [first, second, ...rest] = parsed.path as [Buffer, Buffer];
    for (const hashes of [[...parsed.path, first], parsed.path.slice(0, -1), [second, first, ...rest], []]) {
      expect(await verdict(formatProof({ ...parsed, path: hashes }))).toMatchObject({ code: 1 });
    }
  });

  it('is refused under a key of the same name that is not the log’s, and under the id of one that is', async () => {
    const other = vkeyOf(NoteSigner.generate('ledger.example/log', 'LOG'));
    expect(await verdict(await proofOf(5), policyOf('none', other))).toMatchObject({ code: 1 });
    const [name, id] = vkeyOf(log.signer).split('+');
    const forged = [name, id, ...other.split('+').slice(2)].join('+');
    expect(await verdict(await proofOf(5), policyOf('none', forged))).toMatchObject({ code: 1 });
  });
});

/** The last character of a line, or in base64 the one before the padding, replaced by another one of the alphabet. */
function turnBitOf(line: string): string {
  const at = line.replace(/=*$/, '').length - 2;
  return `${line.slice(0, at)}${line[at] === 'A' ? 'B' : 'A'}${line.slice(at + 1)}`;
}
