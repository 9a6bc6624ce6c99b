import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { CHECKPOINT_FILE, parseCheckpoint, parseNote, parseTilePath, writeDurably } from '#app/transparency';
import { TILES } from '../backup/manifest.js';
import { usageError } from '../exit-codes.js';
import type { Output } from '../terminal/output.js';

/** Files at once: each is synced. */
const AT_ONCE = 8;
/** What a restore that was killed left of the checkpoint. */
const UNFINISHED = /^\.checkpoint\.[\w-]+\.tmp$/;

/** What is in the folder that the notary is to publish. */
export interface PublishedFolder {
  folder: string;
  /** Leaves under its checkpoint. */
  size: number;
  /** It ends as the backup does. False: what outlived the database goes on from there, and was left as it is. */
  isRestored: boolean;
}

/** @throws CommandError with exit code 2 for a folder of something else than a log */
export async function assertLogFolder(folder: string): Promise<void> {
  if ((await checkpointIn(folder)) !== null) return;
  const foreign = (await readdir(folder).catch(() => [])).filter((name) => name !== 'tile' && !UNFINISHED.test(name));
  if (foreign.length > 0)
    throw usageError(`${folder} holds ${foreign[0]} and no checkpoint: it is no folder of a log.`);
}

/**
 * Puts the published log of a backup into the folder of the notary. One that is there already stays: what was published
 * outlives the database, and the database has to fit it, not the other way round.
 */
export async function restoreTiles(backup: string, folder: string, output: Output): Promise<PublishedFolder> {
  const from = path.join(backup, TILES);
  const there = await checkpointIn(folder);
  if (there !== null) return { folder, size: there, isRestored: await isSameCheckpoint(folder, from) };
  const names = (await readdir(from, { recursive: true }))
    .map((name) => name.replaceAll(path.sep, '/'))
    .filter((name) => parseTilePath(name) !== null);
  const progress = output.progress('restoring', names.length, 'tiles');
  try {
    for (let first = 0; first < names.length; first += AT_ONCE) {
      const files = names.slice(first, first + AT_ONCE).map(async (name) => ({
        path: name,
        bytes: await readFile(path.join(from, name)),
      }));
      await writeDurably(folder, await Promise.all(files));
      progress.update(Math.min(first + AT_ONCE, names.length));
    }
  } finally {
    progress.stop();
  }
  // Last: with it the folder is a log.
  await writeDurably(folder, [{ path: CHECKPOINT_FILE, bytes: await readFile(path.join(from, CHECKPOINT_FILE)) }]);
  return { folder, size: (await checkpointIn(folder)) as number, isRestored: true };
}

/** As one that was killed after its tiles were in place has left it, for instance. */
async function isSameCheckpoint(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((folder) => readFile(path.join(folder, CHECKPOINT_FILE))));
  return (a as Buffer).equals(b as Buffer);
}

async function checkpointIn(folder: string): Promise<number | null> {
  const note = await readFile(path.join(folder, CHECKPOINT_FILE)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return note === null ? null : parseCheckpoint(parseNote(note).text).size;
}
