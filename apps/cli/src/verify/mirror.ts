import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { CHECKPOINT_FILE, folderReader, parseTilePath, TILE_WIDTH, writeDurably } from '#app/transparency';
import { usageError } from '../exit-codes.js';
import type { LogSource } from './log-source.js';

/** Under this name lies a checkpoint whose log did not verify. */
const REFUSED_FILE = 'checkpoint.refused';

/**
 * Keeps what was read from a URL in a folder that is a log itself. Full tiles and bundles that it has are not fetched
 * again: they never change, and they are checked against the new checkpoint like all others. Nothing in it is overwritten
 * but the checkpoint, and that only by one that verified.
 */
export class Mirror {
  private constructor(
    readonly folder: string,
    private readonly origin: LogSource,
  ) {}

  /** @throws CommandError with exit code 2 when the source is a folder, or no folder can be made */
  static async open(folder: string, origin: LogSource): Promise<Mirror> {
    if (origin.folder !== null) throw usageError('--save is for a --log that is a URL.');
    await mkdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
      throw usageError(`${folder} cannot be made: ${error.code ?? error.message}.`);
    });
    return new Mirror(folder, origin);
  }

  /** The log as its server gives it, kept on the way. */
  source(): LogSource {
    const { at } = this.origin;
    return { at, folder: null, read: (name) => this.#read(name) };
  }

  /** The checkpoint of the last check that succeeded; null before the first. */
  async checkpoint(): Promise<Buffer | null> {
    return folderReader(this.folder)(CHECKPOINT_FILE);
  }

  async keepCheckpoint(note: Buffer, isVerified: boolean): Promise<void> {
    await writeDurably(this.folder, [{ path: isVerified ? CHECKPOINT_FILE : REFUSED_FILE, bytes: note }]);
  }

  async #read(name: string): Promise<Buffer | null> {
    const tile = parseTilePath(name);
    if (tile === null) return this.origin.read(name);
    const isThere = existsSync(path.join(this.folder, name));
    if (isThere && tile.width === TILE_WIDTH) return folderReader(this.folder)(name);
    const bytes = await this.origin.read(name);
    if (bytes !== null && !isThere) await writeDurably(this.folder, [{ path: name, bytes }]);
    return bytes;
  }
}
