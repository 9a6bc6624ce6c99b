import path from 'node:path';
import { openCsv } from './open-file.js';
import { readRows } from './read-rows.js';
import { parseRelease, type Release, releaseAfter, releaseInFileName } from './release.js';
import { UnreadableFileError } from './columns.js';

/** What a first pass over the file tells; nothing is sent before it succeeded. */
export interface Scan {
  rows: number;
  oldestYear: number;
  newestYear: number;
  release: Release;
  /** How the release was found, for the output. */
  releaseFrom: 'the option --release' | 'the file name' | 'the newest year in the file';
}

/**
 * Reads the whole file once: a file that is damaged half-way, or is not GED at all, is refused before anything is sent.
 * @throws UnreadableFileError
 * @throws UnknownReleaseError for a wrong --release
 */
export async function scan(file: string, givenRelease: string | null): Promise<Scan> {
  const given = givenRelease === null ? null : parseRelease(givenRelease);
  let rows = 0;
  let oldestYear = Infinity;
  let newestYear = -Infinity;
  for await (const { cells } of readRows(file)) {
    rows += 1;
    const year = Number(/\b\d{4}\b/.exec(cells?.dateStart ?? '')?.[0]);
    if (year >= 1900 && year < 2100) {
      oldestYear = Math.min(oldestYear, year);
      newestYear = Math.max(newestYear, year);
    }
  }
  if (rows === 0) throw new UnreadableFileError('The file has a header and no rows.');
  if (given !== null) return { rows, oldestYear, newestYear, release: given, releaseFrom: 'the option --release' };
  const named = releaseInFileName(path.basename(file)) ?? releaseInFileName(await memberName(file));
  if (named !== null) return { rows, oldestYear, newestYear, release: named, releaseFrom: 'the file name' };
  if (!Number.isFinite(newestYear)) {
    throw new UnreadableFileError(
      'No row has a year in date_start, so the release is unknown: name it with --release.',
    );
  }
  const release = releaseAfter(newestYear);
  return { rows, oldestYear, newestYear, release, releaseFrom: 'the newest year in the file' };
}

async function memberName(file: string): Promise<string> {
  const { name, stream } = await openCsv(file);
  stream.destroy();
  return name;
}
