import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import yauzl from 'yauzl';
import { UnreadableFileError } from './columns.js';

/** The bytes of one CSV, and the name under which UCDP would publish it. */
export interface CsvBytes {
  name: string;
  stream: Readable;
}

/**
 * Opens a `.csv`, `.csv.gz` or `.zip` (the only CSV member counts; `__MACOSX` and other files do not) by its content, not by
 * its name: browsers unpack and rename.
 * @throws UnreadableFileError when an archive holds no CSV or several
 */
export async function openCsv(file: string): Promise<CsvBytes> {
  const magic = await firstBytes(file);
  if (magic[0] === 0x50 && magic[1] === 0x4b) return openZip(file);
  const raw = createReadStream(file);
  if (magic[0] !== 0x1f || magic[1] !== 0x8b) return { name: path.basename(file), stream: raw };
  const unpacked = createGunzip();
  raw.on('error', (error) => unpacked.destroy(error));
  return { name: path.basename(file, '.gz'), stream: raw.pipe(unpacked) };
}

async function firstBytes(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function openZip(file: string): Promise<CsvBytes> {
  const zip = await yauzl.openPromise(file, { autoClose: false }).catch(damaged);
  const members = await csvMembers(zip).catch(damaged);
  const [member, second] = members;
  if (member === undefined || second !== undefined) {
    zip.close();
    const found = members.map((entry) => entry.fileName).join(', ');
    throw new UnreadableFileError(
      member === undefined
        ? `${path.basename(file)} holds no .csv file`
        : `${path.basename(file)} holds several .csv files (${found}): unpack it and import the one you mean`,
    );
  }
  const stream = await zip.openReadStreamPromise(member).catch(damaged);
  stream.once('close', () => zip.close());
  return { name: path.basename(member.fileName), stream };
}

async function csvMembers(zip: yauzl.ZipFile): Promise<yauzl.Entry[]> {
  const members: yauzl.Entry[] = [];
  for await (const entry of zip.eachEntry()) {
    if (/\.csv$/i.test(entry.fileName) && !isMacResource(entry.fileName)) members.push(entry);
  }
  return members;
}

function damaged(error: Error): never {
  throw new UnreadableFileError(`The archive is damaged: ${error.message}`);
}

function isMacResource(fileName: string): boolean {
  return fileName.split('/').some((part) => part === '__MACOSX' || part.startsWith('._'));
}
