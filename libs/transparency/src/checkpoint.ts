import { fromBase64 } from './base64.js';
import { MalformedError, VerificationError } from './errors.js';
import { HASH_BYTES } from './hashing.js';
import { signaturesOf, type VerifierKey, verifySignature } from './keys.js';
import type { TreeHead } from './proofs.js';
import { parseNote, type SignedNote } from './signed-note.js';

/** The state of a log that its operator signs (C2SP tlog-checkpoint). */
export interface Checkpoint extends TreeHead {
  /** The scheme-less URL prefix of the log. */
  origin: string;
}

/** The text that is signed, without signatures. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n`;
}

/** @param text what `parseNote` gives; further lines are allowed and ignored @throws MalformedError */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin, size, root, ...rest] = text.split('\n');
  const extensions = rest.slice(0, -1);
  const bytes = root === undefined ? null : fromBase64(root);
  if (!origin || size === undefined || bytes === null || rest.at(-1) !== '' || extensions.includes('')) {
    throw new MalformedError('this is no checkpoint: origin, size and root, each on a line');
  }
  if (!/^(0|[1-9]\d*)$/.test(size) || !Number.isSafeInteger(Number(size))) {
    throw new MalformedError(`the checkpoint has the size "${size}"`);
  }
  if (bytes.length !== HASH_BYTES) throw new MalformedError('the root of the checkpoint is no SHA-256');
  return { origin, size: Number(size), root: bytes };
}

/** A checkpoint that one of the log's keys signed. */
export interface OpenedCheckpoint {
  checkpoint: Checkpoint;
  note: SignedNote;
}

/**
 * Reads a checkpoint and checks that the log signed it. Signatures of unknown keys are ignored, as the format wants it.
 *
 * @param logKeys keys of logs that are trusted; only one whose name is the checkpoint's origin counts
 * @throws MalformedError
 * @throws VerificationError: none of the keys signed it, or a signature under the name and id of one is not its own
 */
export function openCheckpoint(note: string | Buffer, logKeys: readonly VerifierKey[]): OpenedCheckpoint {
  const parsed = parseNote(note);
  const checkpoint = parseCheckpoint(parsed.text);
  const keys = logKeys.filter(({ name, kind }) => name === checkpoint.origin && kind === 'LOG');
  if (keys.length === 0) throw new VerificationError(`no key is known for the log ${checkpoint.origin}`);
  let isSigned = false;
  for (const key of keys) {
    for (const { signature } of signaturesOf(parsed.signatures, key)) {
      if (verifySignature(key, parsed.text, signature) === null) {
        throw new VerificationError(`the signature of ${key.name} (${key.keyId}) does not verify`);
      }
      isSigned = true;
    }
  }
  if (!isSigned) throw new VerificationError(`the checkpoint of ${checkpoint.origin} is not signed by a known key`);
  return { checkpoint, note: parsed };
}
