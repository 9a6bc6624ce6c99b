import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WrittenLog } from '../../../../test/interop/written-log.js';
import { TILES } from '../backup/manifest.js';
import type { Output } from '../terminal/output.js';
import { assertLogFolder, restoreTiles } from './restore-tiles.js';

const quiet: Output = {
  json: true,
  result: () => undefined,
  note: () => undefined,
  progress: () => ({ update: () => undefined, stop: () => undefined }),
};
let folder: string;
let log: WrittenLog;
const backup = (): string => path.join(folder, 'backup');
const tiles = (): string => path.join(folder, 'tiles');

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'restore-tiles-'));
  log = new WrittenLog(path.join(folder, 'written'));
  await log.growTo(300);
  mkdirSync(backup());
  cpSync(log.at, path.join(backup(), TILES), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('puts the published log of a backup into the folder, and says so again when it was killed afterwards', async () => {
  await assertLogFolder(tiles());
  const restored = { folder: tiles(), size: 300, isRestored: true };
  expect(await restoreTiles(backup(), tiles(), quiet)).toEqual(restored);
  await assertLogFolder(tiles());
  expect(await restoreTiles(backup(), tiles(), quiet)).toEqual(restored);
});

it('goes on where it was killed before the checkpoint had its name', async () => {
  await restoreTiles(backup(), tiles(), quiet);
  renameSync(
    path.join(tiles(), 'checkpoint'),
    path.join(tiles(), '.checkpoint.0b0c1ad5-29f2-4b5e-9b35-7f0b8dc1a6c4.tmp'),
  );
  await assertLogFolder(tiles());
  expect(await restoreTiles(backup(), tiles(), quiet)).toMatchObject({ size: 300, isRestored: true });
});

it('leaves what outlived the database as it is', async () => {
  await log.growTo(400);
  cpSync(log.at, tiles(), { recursive: true });
  expect(await restoreTiles(backup(), tiles(), quiet)).toEqual({ folder: tiles(), size: 400, isRestored: false });
});
