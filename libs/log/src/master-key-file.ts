import { randomUUID } from 'node:crypto';
import {
  chownSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { MasterKeyError } from './errors.js';
import { random } from './random.js';

export const MASTER_KEY_BYTES = 32;

/**
 * The keys of a file, in their order.
 *
 * @param file 32 bytes raw, or keys of 32 bytes in base64, one a line; readable by its owner only (mode 0600)
 * @throws MasterKeyError with a sentence that says what to do
 */
export function readMasterKeyFile(file: string): [Buffer, ...Buffer[]] {
  let content: Buffer;
  let mode: number;
  try {
    content = readFileSync(file);
    ({ mode } = statSync(file));
  } catch (cause) {
    throw new MasterKeyError(`the master key file ${file} cannot be read`, { cause });
  }
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new MasterKeyError(`others may read the master key file ${file}: run chmod 600 ${file}`);
  }
  if (content.length === MASTER_KEY_BYTES) return [content];
  const lines = content
    .toString('latin1')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const [first, ...rest] = lines.map((line) => {
    if (/^[A-Za-z0-9+/_-]{43}=?$/.test(line)) return Buffer.from(line, 'base64');
    throw notKeys(file);
  });
  if (first === undefined) throw notKeys(file);
  return [first, ...rest];
}

function notKeys(file: string): MasterKeyError {
  return new MasterKeyError(`the master key file ${file} must hold 32 bytes, raw or as base64, or several such lines`);
}

/** Changes whenever the file is replaced or written. @throws MasterKeyError */
export function fileStamp(file: string): string {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(file);
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch (cause) {
    throw new MasterKeyError(`the master key file ${file} cannot be read`, { cause });
  }
}

/** Makes the master key of a local run, if there is none yet: base64 text, mode 0600. Of two processes one makes it. */
export function createMasterKeyFile(file: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  try {
    writeFileSync(file, textOf([random(MASTER_KEY_BYTES)]), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Puts a new key before those of the file, which is replaced as a whole and on disk when this returns. @throws MasterKeyError */
export function addMasterKey(file: string): void {
  replace(file, [random(MASTER_KEY_BYTES), ...readMasterKeyFile(file)]);
}

/** Leaves only the first key in the file. @returns how many went. @throws MasterKeyError */
export function dropOldMasterKeys(file: string): number {
  const [first, ...old] = readMasterKeyFile(file);
  if (old.length > 0) replace(file, [first]);
  return old.length;
}

/** Readers find the old file or the new one, never a part; a crash leaves one of both. */
function replace(file: string, keys: readonly Buffer[]): void {
  const { uid, gid } = statSync(file);
  const folder = path.dirname(file);
  const temporary = path.join(folder, `.${path.basename(file)}.${randomUUID()}.tmp`);
  try {
    const handle = openSync(temporary, 'wx', 0o600);
    try {
      writeFileSync(handle, textOf(keys));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    // The apps may run as another account than the operator.
    if (process.getuid?.() === 0) chownSync(temporary, uid, gid);
    renameSync(temporary, file);
  } finally {
    rmSync(temporary, { force: true });
  }
  syncFolder(folder);
}

function syncFolder(folder: string): void {
  if (process.platform === 'win32') return; // a folder cannot be opened there
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function textOf(keys: readonly Buffer[]): string {
  return keys.map((key) => `${key.toString('base64')}\n`).join('');
}
