import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { writeDurably } from '#app/transparency';
import { CommandError, EXIT, usageError } from '../exit-codes.js';
import type { Output } from '../terminal/output.js';
import { type Manifest, MANIFEST_FILE, TILES } from './manifest.js';

/** As `sha256sum` writes it, so that `sha256sum -c SHA256SUMS` checks a backup without us. Written last. */
const SUMS_FILE = 'SHA256SUMS';

/** A backup that is being written. Without its last file, the list of hashes, it is none. */
export class NewBackupFolder {
  readonly #sums = new Map<string, string>();

  private constructor(readonly folder: string) {}

  /** @throws CommandError with exit code 2 when something is in it already */
  static async make(folder: string): Promise<NewBackupFolder> {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      if ((await readdir(folder)).length > 0)
        throw usageError(`${folder} is not empty: a backup needs a folder of its own.`);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      throw usageError(`${folder} cannot be made: ${code}.`);
    }
    return new NewBackupFolder(folder);
  }

  pathOf(name: string): string {
    return path.join(this.folder, name);
  }

  /** What was written at `pathOf(name)`. @param sha256 hex */
  wrote(name: string, sha256: string): void {
    this.#sums.set(name, sha256);
  }

  async write(name: string, bytes: Uint8Array | string): Promise<void> {
    const file = this.pathOf(name);
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    this.wrote(name, createHash('sha256').update(bytes).digest('hex'));
  }

  /** From here on it is a backup. */
  async finish(manifest: Manifest): Promise<void> {
    await this.write(MANIFEST_FILE, `${JSON.stringify(manifest, null, 2)}\n`);
    const lines = [...this.#sums.keys()].toSorted().map((name) => `${this.#sums.get(name)}  ${name}\n`);
    await writeDurably(this.folder, [{ path: SUMS_FILE, bytes: lines.join('') }]);
  }
}

/**
 * Reads every byte of a backup before anything is done with it.
 *
 * @throws CommandError: 2 when there is no finished backup of this kind, 1 when a file of it is missing or not what was written
 */
export async function checkBackupFolder<K extends Manifest['kind']>(
  folder: string,
  kind: K,
  output: Output,
): Promise<Manifest & { kind: K }> {
  const text = await readFile(path.join(folder, SUMS_FILE), 'utf8').catch(() => {
    throw usageError(`${folder} holds no finished backup: there is no ${SUMS_FILE} in it.`);
  });
  const sums = text
    .trimEnd()
    .split('\n')
    .map((line) => /^([0-9a-f]{64}) {2}(.+)$/.exec(line)?.slice(1) ?? []);
  const progress = output.progress(`checking ${kind}`, sums.length, 'files');
  try {
    for (const [index, [sum, name]] of sums.entries()) {
      // A name that leads out of the folder was not written by us.
      if (sum === undefined || name === undefined || path.normalize(name).startsWith('..') || path.isAbsolute(name)) {
        throw damaged(folder, SUMS_FILE, 'cannot be read');
      }
      const found = await sha256Of(path.join(folder, name));
      if (found === null) throw damaged(folder, name, 'is missing');
      if (found !== sum) throw damaged(folder, name, 'is not what was written');
      progress.update(index + 1);
    }
  } finally {
    progress.stop();
  }
  const names = new Set(sums.map(([, name]) => name));
  const manifest = names.has(MANIFEST_FILE)
    ? (JSON.parse(await readFile(path.join(folder, MANIFEST_FILE), 'utf8')) as Manifest)
    : null;
  if (manifest?.kind !== kind || manifest.v !== 1) {
    throw usageError(`${folder} holds a backup of another kind than of the ${kind}.`);
  }
  // Whatever lies among the tiles would be published.
  const files = [...manifest.tables.map(({ file }) => file), ...(await filesBelow(folder, TILES))];
  const unlisted = files.find((file) => !names.has(file));
  if (unlisted !== undefined) throw damaged(folder, unlisted, `is not in ${SUMS_FILE}`);
  return manifest as Manifest & { kind: K };
}

/** Their names in the folder of the backup, with slashes as in the list of sums; none when there is no such folder. */
async function filesBelow(folder: string, name: string): Promise<string[]> {
  const entries = await readdir(path.join(folder, name), { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    },
  );
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'));
}

async function sha256Of(file: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file), hash);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  return hash.digest('hex');
}

function damaged(folder: string, name: string, what: string): CommandError {
  return new CommandError(`The backup in ${folder} is damaged: ${name} ${what}. Nothing was restored.`, EXIT.failed);
}
