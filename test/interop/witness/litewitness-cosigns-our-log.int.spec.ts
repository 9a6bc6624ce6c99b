import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseNote, parsePolicy, type Policy, witnessedBy } from '#app/transparency';
import { pino } from 'pino';
import { Witnesses } from '../../../apps/notary/src/witnesses/witnesses.js';
import { forkAt, GrowingLog, history } from '../../support/growing-log.js';
import { type Litewitness, LitewitnessPrograms } from './litewitness-process.js';

// Go may have to build its program, and both cores may be busy with other specs.
jest.setTimeout(600_000);

const built = await LitewitnessPrograms.build();
const check = typeof built === 'string' ? describe.skip : describe;
if (typeof built === 'string') process.stderr.write(`skipped: litewitness as a witness of our log, because ${built}\n`);

check('a witness that other people wrote, unmodified,', () => {
  const log = new GrowingLog('ledger.example/log');
  const ours = history(200);
  let folder: string;
  let witness: Litewitness;
  let policy: Policy;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'lw-'));
    witness = await (built as LitewitnessPrograms).start(folder, log.vkey);
    policy = parsePolicy(`witness theirs ${witness.vkey} ${witness.url}\nquorum theirs\n`);
  });
  afterAll(async () => {
    await witness.end();
    rmSync(folder, { recursive: true });
  });

  const client = (): Witnesses => new Witnesses(policy, { timeoutMs: 5000, logger: pino({ level: 'silent' }) });

  it('cosigns our checkpoints as the log grows, to a client that knows it and to one that does not', async () => {
    const known = client();
    for (const size of [1, 2, 3, 64, 65, 65, 100]) {
      const { note, prove } = log.checkpoint(ours, size);
      const cosignatures = await (size % 2 === 0 ? client() : known).cosign({ note, size, prove });
      const { text, signatures } = parseNote(note);
      const { isQuorum } = witnessedBy(policy, { text, signatures: [...signatures, ...cosignatures] });
      expect([size, isQuorum]).toEqual([size, true]);
    }
  });

  it('is ahead of a log that was rolled back, and refuses one that forked', async () => {
    const restored = client();
    expect(await restored.cosign(log.checkpoint(ours, 99))).toEqual([]);
    expect(restored.states()).toMatchObject([{ status: 'AHEAD' }]);
    const forger = client();
    expect(await forger.cosign(log.checkpoint(forkAt(80, ours), 150))).toEqual([]);
    expect(forger.states()).toMatchObject([{ status: 'DIVERGED' }]);
    expect(await client().cosign(log.checkpoint(ours, 150))).toHaveLength(1);
  });

  it('is only failing to a log that it does not know, and to a key that it does not know', async () => {
    for (const stranger of [new GrowingLog('other.example/log'), new GrowingLog(log.origin)]) {
      const asking = client();
      expect(await asking.cosign(stranger.checkpoint(ours, 10))).toEqual([]);
      expect(asking.states()).toMatchObject([{ status: 'FAILING', error: expect.stringMatching(/answers 40[34]/) }]);
    }
  });
});
