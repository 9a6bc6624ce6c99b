import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stageDurably, writeDurably } from './durable-files.js';
import { folderReader, tileReader } from './tile-folder.js';

describe('files written durably', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'durable-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are whole, replace what was there, and leave nothing beside them', async () => {
    const files = [
      { path: 'tile/0/x001/000', bytes: Buffer.alloc(8192, 1) },
      { path: 'tile/0/000.p/3', bytes: Buffer.alloc(96, 2) },
      { path: 'checkpoint', bytes: 'old' },
    ];
    await writeDurably(folder, files);
    await writeDurably(folder, [{ path: 'checkpoint', bytes: 'new' }]);
    expect(readFileSync(path.join(folder, 'checkpoint'), 'utf8')).toBe('new');
    const names = readdirSync(folder, { recursive: true }) as string[];
    expect(names.filter((name) => name.includes('.tmp'))).toEqual([]);
    const read = folderReader(folder);
    expect(await read('tile/0/x001/000')).toEqual(files[0]?.bytes);
    expect(await read('tile/0/001')).toBeNull();
  });

  it('come in pieces that follow each other', async () => {
    const pieces = Array.from({ length: 3000 }, (_, index) => Buffer.from(`${index} `));
    await writeDurably(folder, [{ path: 'pieces', bytes: pieces }]);
    expect(readFileSync(path.join(folder, 'pieces'))).toEqual(Buffer.concat(pieces));
  });

  it('can wait for their name, which they take at once, or go without a trace', async () => {
    await writeDurably(folder, [{ path: 'staged/one', bytes: 'old' }]);
    const one = (): string => readFileSync(path.join(folder, 'staged/one'), 'utf8');
    const dropped = await stageDurably(folder, { path: 'staged/one', bytes: 'dropped' });
    const staged = await stageDurably(folder, { path: 'staged/one', bytes: 'new' });
    expect(one()).toBe('old');
    await dropped.discard();
    const replacing = staged.replace();
    expect(one()).toBe('new');
    await replacing;
    expect(readdirSync(path.join(folder, 'staged'))).toEqual(['one']);
  });

  it('are read in part where only the full tile is left, and refused where they are too short', async () => {
    const read = tileReader(folderReader(folder));
    expect(await read({ level: 0, index: 1000, width: 2 })).toEqual(Buffer.alloc(64, 1));
    await expect(read({ level: 0, index: 0, width: 4 })).rejects.toThrow('tile/0/000.p/4 is missing');
    await writeDurably(folder, [{ path: 'tile/0/000.p/5', bytes: 'short' }]);
    await expect(read({ level: 0, index: 0, width: 5 })).rejects.toThrow('has 5 bytes, not 160');
  });
});
