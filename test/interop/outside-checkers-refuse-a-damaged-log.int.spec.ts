import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { leafHash } from '#app/transparency';
import { runFolder } from '../support/run-folder.js';
import { DAMAGES } from './damages.js';
import { GoCheckers } from './go-checkers.js';
import { leafOf, WrittenLog } from './written-log.js';

// Go may have to build its programs, and both cores may be busy with other specs.
jest.setTimeout(600_000);

const built = await GoCheckers.build();
const check = typeof built === 'string' ? describe.skip : describe;
if (typeof built === 'string')
  process.stderr.write(`skipped: what Tessera and x/mod say of damaged logs, because ${built}\n`);
const checkers = built as GoCheckers;

check('a damaged log is refused by checkers that other people wrote', () => {
  let folder: string;
  let log: WrittenLog;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(runFolder(), 'interop-'));
    log = new WrittenLog(path.join(folder, 'whole'));
    for (const size of [255, 257]) await log.growTo(size);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  let damaged: WrittenLog;
  beforeEach(() => {
    const at = path.join(folder, 'damaged');
    rmSync(at, { recursive: true, force: true });
    cpSync(path.join(folder, 'whole', 'log'), at, { recursive: true });
    damaged = Object.assign(Object.create(log) as WrittenLog, { at });
  });

  it('though it was accepted before', async () => {
    expect(await checkers.fsck(damaged)).toMatchObject({ accepted: true });
    expect(await checkers.tlogcheck(damaged, { published: log.published })).toMatchObject({ accepted: true });
  });

  it.each(DAMAGES)('$what', async ({ apply }) => {
    apply(damaged);
    expect(await checkers.fsck(damaged)).toMatchObject({ accepted: false });
    const { accepted, output } = await checkers.tlogcheck(damaged);
    expect([accepted, output]).toEqual([false, expect.stringMatching(/^refused: /)]);
  });
});

check('a checkpoint that was once published and does not fit is found by x/mod', () => {
  let log: WrittenLog;
  beforeEach(async () => {
    log = new WrittenLog(mkdtempSync(path.join(runFolder(), 'interop-')));
    for (const size of [200, 255, 300]) await log.growTo(size);
  });

  it.each([
    ['of another history', 256, leafHash(leafOf(0))],
    ['of a size that is not there any more', 301, leafHash(leafOf(0))],
  ])('%s', async (_, size, root) => {
    writeFileSync(path.join(log.published, 'other'), log.sign(size, root));
    const { accepted, output } = await checkers.tlogcheck(log, { published: log.published });
    expect([accepted, output]).toEqual([false, expect.stringMatching(/^refused: /)]);
  });

  it('when the tiles of its edge are gone, and no full ones are there instead', async () => {
    rmSync(path.join(log.at, 'tile/0/001.p'), { recursive: true });
    expect(await checkers.tlogcheck(log, { published: log.published })).toMatchObject({ accepted: false });
  });

  it('and not when a log has deleted partial tiles that became full, as it may', async () => {
    for (const gone of ['tile/0/000.p', 'tile/entries/000.p']) rmSync(path.join(log.at, gone), { recursive: true });
    expect(await checkers.tlogcheck(log, { published: log.published })).toMatchObject({ accepted: true });
  });
});
