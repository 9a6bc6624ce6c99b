import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '#app/runtime';
import { folderReader, formatProof, formatVerifierKey, NoteSigner, tileReader, TreeProver } from '#app/transparency';
import { runFolder } from '../support/run-folder.js';
import { type FinishedProgram, runProgram } from './finished-program.js';
import { WrittenLog } from './written-log.js';

jest.setTimeout(120_000);

const python = await runProgram('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))']);
const openssl = await runProgram('openssl', ['pkeyutl', '-help']);
const isThere = python.code === 0 && openssl.output.includes('-rawin');
const check = isThere ? describe : describe.skip;
if (!isThere)
  process.stderr.write('skipped: the script of docs/auditors.md, because Python 3 or openssl 3 is not there\n');

const SIZE = 300;
const leafAt = (position: number): Buffer => Buffer.from(JSON.stringify({ position, text: 'الموصل' }));

check('the script that docs/auditors.md prints', () => {
  let folder: string;
  let script: string;
  let log: WrittenLog;
  let checkpoint: string;
  let prover: TreeProver;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(runFolder(), 'auditor-'));
    const page = readFileSync(path.join(repositoryRoot(), 'docs', 'auditors.md'), 'utf8');
    script = path.join(folder, 'check.py');
    writeFileSync(script, /^```python\n([^`]*)^```$/m.exec(page)?.[1] ?? '');
    log = new WrittenLog(folder, undefined, leafAt);
    checkpoint = await log.growTo(SIZE);
    prover = new TreeProver(SIZE, tileReader(folderReader(log.at)));
  });

  const proofOf = async (index: number): Promise<string> =>
    formatProof({ index, path: await prover.inclusion(index), extra: leafAt(index), checkpoint });

  function verdict(proof: string, { verifier } = log.signer): Promise<FinishedProgram> {
    const file = path.join(folder, 'proof');
    writeFileSync(file, proof);
    return runProgram('python3', [script, formatVerifierKey(verifier), file]);
  }

  it.each([0, 1, 254, 255, 256, 298, 299])('accepts the proof of position %i', async (index) =>
    expect(await verdict(await proofOf(index))).toEqual({
      code: 0,
      output: `event ${index} of ${SIZE} in ledger.example/log: ${leafAt(index).toString()}\n`,
    }),
  );

  it('refuses it for every line that is changed, and under another key', async () => {
    const lines = (await proofOf(77)).split('\n');
    for (const [at, line] of lines.entries()) {
      if (line === '') continue;
      const middle = Math.floor(line.length / 2);
      const other = line[middle] === 'A' ? 'B' : 'A';
      const changed = at === 2 ? 'index 76' : `${line.slice(0, middle)}${other}${line.slice(middle + 1)}`;
      expect([line, (await verdict(lines.with(at, changed).join('\n'))).code]).toEqual([line, 1]);
    }
    expect(await verdict(lines.join('\n'), NoteSigner.generate('ledger.example/log', 'LOG'))).toMatchObject({
      code: 1,
    });
    expect((await verdict(lines.join('\n'))).code).toBe(0);
  });
});
