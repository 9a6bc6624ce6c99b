import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough, type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { usageError } from '../exit-codes.js';

/** What was written: of a file as it lies there, of standard output as it went out. */
export interface Written {
  bytes: number;
  /** hex */
  sha256: string;
}

/**
 * Writes all that comes to a file, which has its name only when it is whole, or to standard output.
 *
 * @param out a name that ends with .gz is compressed; undefined: standard output
 * @throws CommandError with exit code 2 when the file cannot be made
 */
export async function writeWhole(content: Readable, out: string | undefined): Promise<Written> {
  const hash = createHash('sha256');
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  if (out === undefined) {
    await pipeline(content, counted, process.stdout, { end: false });
    return { bytes, sha256: hash.digest('hex') };
  }
  const temporary = path.join(path.dirname(out), `.${path.basename(out)}.${randomUUID()}.tmp`);
  try {
    const compressed = out.endsWith('.gz') ? createGzip() : new PassThrough();
    await pipeline(content, compressed, counted, createWriteStream(temporary, { flags: 'wx', flush: true }));
    await rename(temporary, out);
    await syncFolder(path.dirname(out));
  } catch (error) {
    await rm(temporary, { force: true });
    const { syscall, code } = error as NodeJS.ErrnoException;
    throw syscall === 'open' ? usageError(`${out} cannot be written: ${code}.`) : error;
  }
  return { bytes, sha256: hash.digest('hex') };
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
