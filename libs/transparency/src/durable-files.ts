import { randomUUID } from 'node:crypto';
import { renameSync } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** A file to be: its whole content, at once. */
export interface DurableFile {
  /** Relative to the folder. */
  path: string;
  /** In one piece, or in several that follow each other. */
  bytes: Buffer | string | readonly Buffer[];
}

/** Of a file to be. */
export function byteLength(bytes: DurableFile['bytes']): number {
  if (typeof bytes === 'string') return Buffer.byteLength(bytes);
  return Buffer.isBuffer(bytes) ? bytes.length : bytes.reduce((sum, piece) => sum + piece.length, 0);
}

/**
 * Writes whole files so that after a crash each is there in full or not at all: temporary file, fsync, rename, fsync of its
 * folder. All of them are on disk when this resolves. An existing file is replaced.
 */
export async function writeDurably(folder: string, files: readonly DurableFile[]): Promise<void> {
  const folders = new Set(files.map((file) => path.dirname(path.join(folder, file.path))));
  const made = (await Promise.all([...folders].map((one) => mkdir(one, { recursive: true })))).filter(
    (first) => first !== undefined,
  );
  await Promise.all(files.map((file) => writeOne(path.join(folder, file.path), file.bytes)));
  const parents = made.flatMap((first) => parentsBetween(first, folders));
  await Promise.all([...new Set([...folders, ...parents])].map(syncFolder));
}

/** A whole file on disk that does not have its name yet. Exactly one of the two is called. */
export interface StagedFile {
  /** Puts it in the place of the one that has the name. The renaming itself happens before this returns its promise. */
  replace(): Promise<void>;
  discard(): Promise<void>;
}

/** The first half of `writeDurably`, for a file whose renaming must happen at a moment of the caller's choice. */
export async function stageDurably(folder: string, file: DurableFile): Promise<StagedFile> {
  const target = path.join(folder, file.path);
  await mkdir(path.dirname(target), { recursive: true });
  const temporary = await writeTemporary(target, file.bytes);
  return {
    replace: () => {
      renameSync(temporary, target);
      return syncFolder(path.dirname(target));
    },
    discard: () => rm(temporary, { force: true }),
  };
}

async function writeOne(target: string, bytes: DurableFile['bytes']): Promise<void> {
  const temporary = await writeTemporary(target, bytes);
  try {
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** A new file beside the target, synced. @returns its path */
async function writeTemporary(target: string, bytes: DurableFile['bytes']): Promise<string> {
  const temporary = path.join(path.dirname(target), `.${path.basename(target)}.${randomUUID()}.tmp`);
  try {
    const handle = await open(temporary, 'wx', 0o644);
    try {
      await writeWhole(handle, bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    return temporary;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function writeWhole(handle: FileHandle, bytes: DurableFile['bytes']): Promise<void> {
  if (typeof bytes === 'string' || Buffer.isBuffer(bytes)) return handle.writeFile(bytes);
  const length = byteLength(bytes);
  const { bytesWritten } = await handle.writev(bytes);
  // A short write happens where room runs out: what is left goes the usual way, which tells.
  if (bytesWritten < length) await handle.writeFile(Buffer.concat(bytes, length).subarray(bytesWritten));
}

/** A new folder is an entry of its parent: each from above the first new one down to those that hold files. */
function parentsBetween(firstMade: string, folders: ReadonlySet<string>): string[] {
  const parents: string[] = [];
  for (const folder of folders) {
    for (let one = folder; one.startsWith(firstMade); one = path.dirname(one)) parents.push(path.dirname(one));
  }
  return parents;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
