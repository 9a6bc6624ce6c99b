import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { runFolder } from '../support/run-folder.js';
import { GoCheckers } from './go-checkers.js';
import { WrittenLog } from './written-log.js';

// Go may have to build its programs, and both cores may be busy with other specs.
jest.setTimeout(600_000);

const built = await GoCheckers.build();
const check = typeof built === 'string' ? describe.skip : describe;
if (typeof built === 'string')
  process.stderr.write(`skipped: what Tessera and x/mod say of our logs, because ${built}\n`);
const checkers = built as GoCheckers;

/** On both sides of every edge of a tile, and of a tile of tiles. */
const SIZES = [1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537];
const POSITIONS = [
  0, 1, 2, 3, 127, 128, 254, 255, 256, 257, 511, 512, 32_767, 32_768, 65_279, 65_280, 65_534, 65_535, 65_536,
];

check('a log that grows is accepted, unmodified, by checkers that other people wrote', () => {
  let log: WrittenLog;
  beforeAll(() => {
    log = new WrittenLog(mkdtempSync(path.join(runFolder(), 'interop-')));
  });

  describe.each(SIZES)('at size %i', (size) => {
    beforeAll(() => log.growTo(size));

    it("by Tessera's fsck", async () => {
      const { accepted, output } = await checkers.fsck(log);
      expect([output, accepted]).toEqual([expect.stringContaining(`log with size ${size} and root `), true]);
    });

    it('by x/mod: leaves, tiles, inclusion, and consistency with each checkpoint before it', async () => {
      const positions = POSITIONS.filter((position) => position < size);
      const published = SIZES.indexOf(size) + 1;
      const { output } = await checkers.tlogcheck(log, { positions, published: log.published });
      // The present checkpoint is looked at twice: as what is served, and as one of the published ones.
      const pairs = (published * (published + 1)) / 2;
      expect(output).toMatch(
        new RegExp(
          `^ok: ${size} leaves, \\d+ tiles, ${positions.length + 2} positions, ${published + 1} checkpoints, ${pairs} pairs\\n$`,
        ),
      );
    });
  });
});
