import { copyFile, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { usageError } from '../exit-codes.js';
import type { Output } from '../terminal/output.js';

/** @throws CommandError with exit code 2, before anything is copied, for a folder that is not empty and for two files of one name */
export async function copyKeys(files: readonly string[], folder: string, output: Output): Promise<void> {
  const names = files.map((file) => path.basename(file));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw usageError(`two files have one name, ${twice}: only one of them could be kept.`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length > 0) throw usageError(`${folder} is not empty.`);
  for (const file of files) {
    await copyFile(file, path.join(folder, path.basename(file))).catch((error: NodeJS.ErrnoException) => {
      throw usageError(`${file} cannot be copied: ${error.code ?? error.message}.`);
    });
    output.note(`WARNING: ${file} was copied to ${folder}. Whoever has it and the database has what it protects.`);
  }
}
