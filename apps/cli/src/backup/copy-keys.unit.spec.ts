import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { copyKeys } from './copy-keys.js';

const notes: string[] = [];
const output = { note: (line: string) => notes.push(line) } as unknown as Parameters<typeof copyKeys>[2];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'copy-keys-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function keyAt(name: string, text: string): string {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

it('copies each key for its owner alone, and says so', async () => {
  const into = path.join(folder, 'keys');
  await copyKeys([keyAt('master.key', 'm'), keyAt('signing.key', 's')], into, output);
  expect(readdirSync(into).toSorted()).toEqual(['master.key', 'signing.key']);
  expect(readFileSync(path.join(into, 'signing.key'), 'utf8')).toBe('s');
  expect(statSync(path.join(into, 'master.key')).mode & 0o777).toBe(0o600);
  expect(notes).toHaveLength(2);
});

it('refuses two keys of one name, of which the backup would hold the last alone', async () => {
  const into = path.join(folder, 'keys');
  const files = [keyAt('vault/key', 'm'), keyAt('notary/key', 's')];
  await expect(copyKeys(files, into, output)).rejects.toMatchObject({ exitCode: 2 });
  await expect(copyKeys(files, into, output)).rejects.toThrow(/one name/);
});
