import { readFileSync, statSync, writeFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { KeyFileError, MalformedError } from './errors.js';
import { type KeyKind, NoteSigner } from './keys.js';

/**
 * The private keys of a file, one a line (`PRIVATE+KEY+…`); empty lines and lines with # are passed over. All of them sign: a
 * key is replaced by adding the new one first and taking the old one away when every verifier knows the new one.
 *
 * @param expected what each key must be for, and under which name
 * @throws KeyFileError with a sentence that says what to do
 */
export function readKeyFile(file: string, expected: { name: string; kind: KeyKind }): [NoteSigner, ...NoteSigner[]] {
  const lines = readPrivately(file)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const [first, ...rest] = lines.map((line) => parseLine(file, line, expected));
  if (first === undefined) throw new KeyFileError(`the key file ${file} holds no key`);
  return [first, ...rest];
}

/** Makes a key file, mode 0600, unless it is there. Of two processes one makes it. */
export function createKeyFile(file: string, { name, kind }: { name: string; kind: KeyKind }): void {
  mkdirSync(path.dirname(file), { recursive: true });
  try {
    writeFileSync(file, `${NoteSigner.generate(name, kind).export()}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function readPrivately(file: string): string {
  let content: string;
  let mode: number;
  try {
    content = readFileSync(file, 'utf8');
    ({ mode } = statSync(file));
  } catch (cause) {
    throw new KeyFileError(`the key file ${file} cannot be read`, { cause });
  }
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new KeyFileError(`others may read the key file ${file}: run chmod 600 ${file}`);
  }
  return content;
}

function parseLine(file: string, line: string, { name, kind }: { name: string; kind: KeyKind }): NoteSigner {
  let signer: NoteSigner;
  try {
    signer = NoteSigner.parse(line);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new KeyFileError(`the key file ${file}: ${error.message}`, { cause: error });
  }
  if (signer.verifier.kind !== kind) {
    throw new KeyFileError(`the key file ${file} holds a key of a ${signer.verifier.kind.toLowerCase()}`);
  }
  if (signer.verifier.name !== name) {
    throw new KeyFileError(`the key in ${file} has the name ${signer.verifier.name}, not ${name}`);
  }
  return signer;
}
