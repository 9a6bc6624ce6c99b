import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  type DurableFile,
  folderReader,
  type LogReader,
  stageDurably,
  type StagedFile,
  writeDurably,
} from '#app/transparency';

/** Where the published files lie. Paths are those below the prefix of the log. */
export interface TileStore {
  /** For messages. */
  readonly name: string;
  read: LogReader;
  /** All of them are on disk when it resolves. */
  write(files: readonly DurableFile[]): Promise<void>;
  stage(file: DurableFile): Promise<StagedFile>;
  /** A folder with all that is in it; nothing when it is not there. */
  removeFolder(name: string): Promise<void>;
  /** What was left in a folder, but not in those below it, by a writer that was killed. */
  removeTemporaries(name: string): Promise<void>;
}

export function folderStore(folder: string): TileStore {
  return {
    name: folder,
    read: folderReader(folder),
    write: (files) => writeDurably(folder, files),
    stage: (file) => stageDurably(folder, file),
    removeFolder: (name) => rm(path.join(folder, name), { recursive: true, force: true }),
    removeTemporaries: async (name) => {
      const place = path.join(folder, name);
      // A folder that is not there yet has none.
      const names = await readdir(place).catch(() => []);
      for (const one of names) if (TEMPORARY.test(one)) await rm(path.join(place, one), { force: true });
    },
  };
}

/** As `writeDurably` names them. */
const TEMPORARY = /^\..+\.tmp$/;
