import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { formatVerifierKey, NoteSigner, parseCheckpoint, parseNote, parsePolicy, witnessedBy } from '#app/transparency';
import { runFolder } from '../../support/run-folder.js';
import { startWitnessProcess, type WitnessProcess } from '../../support/witness-process.js';
import { type FinishedProgram, runProgram } from '../finished-program.js';
import { buildGoProgram } from '../go-program.js';

// Go may have to build its program, and both cores may be busy with other specs.
jest.setTimeout(600_000);

const built = await buildGoProgram('github.com/transparency-dev/tessera/cmd/examples/posix-oneshot');
const check = built.kind === 'MISSING' ? describe.skip : describe;
if (built.kind === 'MISSING')
  process.stderr.write(`skipped: Tessera as a log of our witness, because ${built.reason}\n`);

check('a log that Tessera keeps, unmodified,', () => {
  const signer = NoteSigner.generate('tessera.example/log', 'LOG');
  let folder: string;
  let witness: WitnessProcess;
  let policyText: string;

  beforeEach(async () => {
    folder = mkdtempSync(path.join(runFolder(), 'tessera-'));
    witness = await startWitnessProcess([
      ...['--name', 'witness.example/ours', '--key-file', path.join(folder, 'witness.key')],
      ...[
        '--state',
        path.join(folder, 'state'),
        '--log',
        formatVerifierKey(signer.verifier),
        '--listen',
        '127.0.0.1:0',
      ],
    ]);
    policyText = `witness ours ${witness.vkey} ${witness.url}\ngroup all-of-us all ours\nquorum all-of-us\n`;
    writeFileSync(path.join(folder, 'policy'), policyText);
    writeFileSync(path.join(folder, 'log.key'), signer.export());
  });
  afterEach(() => witness.end());

  /** Appends entries to the log in a folder; what is witnessed Tessera publishes only with a cosignature. */
  async function append(
    log: string,
    entries: readonly string[],
    { isWitnessed = true } = {},
  ): Promise<FinishedProgram> {
    const from = mkdtempSync(path.join(folder, 'entries-'));
    for (const [index, entry] of entries.entries()) writeFileSync(path.join(from, `${index}`), entry);
    mkdirSync(path.join(folder, log), { recursive: true });
    return runProgram(
      (built as { file: string }).file,
      [
        ...['-storage_dir', path.join(folder, log), '-entries', path.join(from, '*')],
        ...['-private_key', path.join(folder, 'log.key')],
        ...(isWitnessed ? ['-witness_policy_file', path.join(folder, 'policy')] : []),
      ],
      { timeoutMs: 15_000 },
    );
  }
  const published = (log: string): string => readFileSync(path.join(folder, log, 'checkpoint'), 'utf8');

  it('is cosigned by our witness as it grows', async () => {
    for (const [round, size] of [3, 5, 260].entries()) {
      const before = round === 0 ? 0 : [3, 5, 260][round - 1]!;
      const { code, output } = await append(
        'log',
        Array.from({ length: size - before }, (_, index) => `entry ${before + index}`),
      );
      expect([output, code]).toEqual([expect.any(String), 0]);
      const note = parseNote(published('log'));
      expect(parseCheckpoint(note.text).size).toBe(size);
      expect(witnessedBy(parsePolicy(policyText), note).isQuorum).toBe(true);
    }
  });

  it('gets no cosignature for a second history under the same key', async () => {
    expect((await append('log', ['a', 'b', 'c'])).code).toBe(0);
    // A log that begins again shows its empty tree first: the witness has seen more.
    const begun = await append('second', ['a']);
    expect(begun.code).not.toBe(0);
    expect(begun.output).toContain('replied with x.tlog.size 3, larger than log size 0');

    expect((await append('third', ['a', 'b', 'other', 'd'], { isWitnessed: false })).code).toBe(0);
    const forked = await append('third', ['e']);
    expect(forked.code).not.toBe(0);
    expect(forked.output).toContain('says that the consistency proof is bad: 422');
    expect(parseCheckpoint(parseNote(published('log')).text).size).toBe(3);
  });
});
