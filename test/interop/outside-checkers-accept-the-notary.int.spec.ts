import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createKeyFile, formatVerifierKey, NoteSigner, parseNote, readKeyFile } from '#app/transparency';
import { LOG_OPTIONS, startLog, type TestLog } from '../support/log.js';
import { recordEvents, testNotary } from '../support/notary.js';
import { runFolder } from '../support/run-folder.js';
import { GoCheckers } from './go-checkers.js';

// Go may have to build its programs, and both cores may be busy with other specs.
jest.setTimeout(600_000);

const built = await GoCheckers.build();
const check = typeof built === 'string' ? describe.skip : describe;
if (typeof built === 'string')
  process.stderr.write(`skipped: what Tessera and x/mod say of the notary's folder, because ${built}\n`);
const checkers = built as GoCheckers;

/** A log begins with LogCreated and three activations. */
const SIZES = [4, 255, 256, 257, 700, 65_535, 65_536, 65_537];
const POSITIONS = [3, 254, 255, 256, 257, 699, 65_279, 65_280, 65_534, 65_535];

check('what the notary writes over a real database is accepted by checkers that other people wrote', () => {
  let log: TestLog;
  const folder = mkdtempSync(path.join(runFolder(), 'notary-'));
  const keyFile = path.join(folder, 'signing.key');
  const served = { at: path.join(folder, 'tiles'), vkeyFile: path.join(folder, 'vkey') };
  const published = path.join(folder, 'published');

  beforeAll(async () => {
    log = await startLog();
    createKeyFile(keyFile, { name: LOG_OPTIONS.origin, kind: 'LOG' });
    const [signer] = readKeyFile(keyFile, { name: LOG_OPTIONS.origin, kind: 'LOG' });
    writeFileSync(served.vkeyFile, formatVerifierKey(signer.verifier));
    mkdirSync(published);
  });
  afterAll(async () => {
    await log.close();
    rmSync(folder, { recursive: true });
  });

  /** A notary of its own, as after a restart: signs all that is recorded. */
  async function publish(policy?: string): Promise<number> {
    const notary = testNotary({
      url: log.url,
      folder: served.at,
      keyFile,
      ...(policy === undefined ? {} : { policy }),
    });
    try {
      return await notary.publishAll();
    } finally {
      await notary.close();
    }
  }

  /** Every checkpoint that was ever signed, one a file. @returns how many there are */
  async function keepSigned(): Promise<number> {
    const { rows } = await log.owner.query<{ size: string; note: string }>(
      'SELECT size::text, note FROM notary.checkpoint',
    );
    for (const { size, note } of rows) writeFileSync(path.join(published, size), note);
    return rows.length;
  }

  async function expectAccepted(size: number): Promise<void> {
    const signed = await keepSigned();
    const positions = POSITIONS.filter((position) => position < size);
    const [fsck, tlogcheck] = await Promise.all([
      checkers.fsck(served),
      checkers.tlogcheck(served, { positions, published }),
    ]);
    expect([fsck.output, fsck.accepted]).toEqual([expect.stringContaining(`log with size ${size} and root `), true]);
    const pairs = (signed * (signed + 1)) / 2;
    expect(tlogcheck.output).toMatch(
      new RegExp(`^ok: ${size} leaves, .*, ${signed + 1} checkpoints, ${pairs} pairs\\n$`),
    );
  }

  it.each(SIZES)('at size %i', async (size) => {
    const { rows } = await log.owner.query<{ next: number }>('SELECT next_position::int AS next FROM ledger.head');
    await recordEvents(log, size - (rows[0]?.next ?? 0));
    expect(await publish()).toBe(size);
    await expectAccepted(size);
  });

  it('after the folder was lost and written anew', async () => {
    rmSync(served.at, { recursive: true });
    expect(await publish()).toBe(65_537);
    await expectAccepted(65_537);
  });

  it('under the old key and under the new one while keys are changed, and then under the new one alone', async () => {
    const newFile = path.join(folder, 'new.key');
    createKeyFile(newFile, { name: LOG_OPTIONS.origin, kind: 'LOG' });
    appendFileSync(keyFile, readFileSync(newFile, 'utf8'));
    await recordEvents(log, 10);
    await publish();
    const [, replacing] = readKeyFile(keyFile, { name: LOG_OPTIONS.origin, kind: 'LOG' });
    const newKey = { ...served, vkeyFile: path.join(folder, 'new-vkey') };
    writeFileSync(newKey.vkeyFile, formatVerifierKey((replacing as NoteSigner).verifier));
    for (const known of [served, newKey]) {
      expect(await checkers.fsck(known)).toMatchObject({ accepted: true });
      expect(await checkers.tlogcheck(known)).toMatchObject({ accepted: true });
    }
    writeFileSync(keyFile, readFileSync(newFile, 'utf8'));
    await recordEvents(log, 10);
    await publish();
    expect(await checkers.fsck(newKey)).toMatchObject({ accepted: true });
    expect(await checkers.tlogcheck(newKey)).toMatchObject({ accepted: true });
    expect(await checkers.fsck(served)).toMatchObject({ accepted: false });
    expect(await checkers.tlogcheck(served)).toMatchObject({ accepted: false });
    expect(parseNote(readFileSync(path.join(served.at, 'checkpoint'))).signatures).toHaveLength(1);
  });
});
