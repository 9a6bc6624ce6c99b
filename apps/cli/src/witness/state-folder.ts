import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  CHECKPOINT_FILE,
  formatVerifierKey,
  MalformedError,
  parseCheckpoint,
  parseNote,
  signaturesOf,
  type TreeHead,
  type VerifierKey,
  verifySignature,
  writeDurably,
} from '#app/transparency';
import { StateError } from './state-error.js';

/** The latest checkpoint of a log that the witness cosigned. */
export interface Cosigned {
  head: TreeHead;
  /** Signed by the log and by the witness, as it is served. */
  note: string;
}

const KEY_FILE = 'key';
const ORIGIN_HASH = /^[0-9a-f]{64}$/;

/** Name of a log's folder in the state and in the addresses of the monitoring prefix: SHA-256 of the origin, in hex. */
export function originHash(origin: string): string {
  return hash('sha256', origin);
}

/**
 * Ties a state folder to the key whose promises it remembers. A key without its state would cosign a fork of what it
 * cosigned before, so it is refused.
 *
 * @param isNewKey the key has never cosigned anything
 * @throws StateError
 */
export async function claimFolder(
  folder: string,
  { keys, isNewKey }: { keys: readonly VerifierKey[]; isNewKey: boolean },
): Promise<void> {
  const vkeys = keys.map(formatVerifierKey);
  const claimed = readOrNull(path.join(folder, KEY_FILE));
  if (claimed === null && !isNewKey) {
    throw new StateError(
      `the state folder ${folder} does not belong to the key ${vkeys[0]}. If its state is lost, nobody knows any more what ` +
        'the key has cosigned, and it must not sign again: make a new key under a new name. If the key has never cosigned ' +
        'anything, start once with --new-state.',
    );
  }
  const before = claimed?.split('\n') ?? [];
  if (claimed !== null && !vkeys.some((vkey) => before.includes(vkey))) {
    throw new StateError(`the state folder ${folder} belongs to the key ${before[0]}, not to ${vkeys[0]}`);
  }
  const content = `${vkeys.join('\n')}\n`;
  if (content !== claimed) await writeDurably(folder, [{ path: KEY_FILE, bytes: content }]);
}

/**
 * What was cosigned before, by the hash of the origin.
 *
 * @param keys those of the witness: whatever it did not sign itself is damage
 * @throws StateError
 */
export function readState(folder: string, keys: readonly VerifierKey[]): Map<string, Cosigned> {
  const state = new Map<string, Cosigned>();
  for (const name of readdirSync(folder).filter((one) => ORIGIN_HASH.test(one))) {
    const cosigned = readCosigned(folder, name, keys);
    if (cosigned !== null) state.set(name, cosigned);
  }
  return state;
}

function readCosigned(folder: string, name: string, keys: readonly VerifierKey[]): Cosigned | null {
  const file = path.join(folder, name, CHECKPOINT_FILE);
  const note = readOrNull(file);
  // A folder without a checkpoint is what a crash leaves before the first cosignature: none was given.
  if (note === null) return null;
  try {
    const { text, signatures } = parseNote(note);
    const { origin, size, root } = parseCheckpoint(text);
    const isOwn = keys.some((key) =>
      signaturesOf(signatures, key).some(({ signature }) => verifySignature(key, text, signature) !== null),
    );
    if (!isOwn) throw new MalformedError('no key of this witness has cosigned it');
    if (originHash(origin) !== name) throw new MalformedError(`it is of the log ${origin}`);
    return { head: { size, root }, note };
  } catch (cause) {
    if (!(cause instanceof MalformedError)) throw cause;
    throw new StateError(
      `the state is damaged: ${file}: ${cause.message}. Without it the witness does not know what it has cosigned; put ` +
        'the file back as it was last, or retire this key and make a new one under a new name.',
      { cause },
    );
  }
}

/** @throws StateError for a file that is there and cannot be read */
export function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new StateError(`the state cannot be read: ${file}`, { cause });
  }
}
