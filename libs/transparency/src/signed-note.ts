import { fromBase64 } from './base64.js';
import { MalformedError } from './errors.js';

/** One line `— <key name> base64(key id ‖ signature)`. */
export interface NoteSignature {
  name: string;
  /** 8 hex digits. */
  keyId: string;
  /** Without the key id. */
  signature: Buffer;
}

/** A C2SP signed-note: what is signed, the newline at its end included, and who signed. */
export interface SignedNote {
  text: string;
  signatures: NoteSignature[];
}

/** More than any quorum needs, less than what would keep a verifier busy. */
const MAX_SIGNATURES = 100;
const MAX_NOTE_BYTES = 1_000_000;
const SIGNATURE = /^\u2014 ([^\s+]+) (\S+)$/u;
/** The ASCII control characters but the newline. */
const CONTROL = /[^\P{Cc}\n\u007f-\u009f]/u;

/** @throws MalformedError */
export function parseNote(note: string | Buffer): SignedNote {
  const content = typeof note === 'string' ? note : decode(note);
  if (content.length > MAX_NOTE_BYTES) throw new MalformedError('the note is too long');
  if (CONTROL.test(content)) throw new MalformedError('the note holds a control character');
  const end = content.lastIndexOf('\n\n');
  if (end < 0) throw new MalformedError('the note has no signatures');
  const block = content.slice(end + 2);
  if (!block.endsWith('\n')) throw new MalformedError('the note does not end with a newline');
  return { text: content.slice(0, end + 1), signatures: parseSignatures(block) };
}

/** The lines of signatures below a note, or in the answer of a witness. @throws MalformedError */
export function parseSignatures(block: string): NoteSignature[] {
  const lines = block.slice(0, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) throw new MalformedError('the note has too many signatures');
  return lines.map((line) => {
    const [, name, encoded] = SIGNATURE.exec(line) ?? [];
    const bytes = encoded === undefined ? null : fromBase64(encoded);
    if (name === undefined || bytes === null || bytes.length < 5) {
      throw new MalformedError('a line below the note is no signature');
    }
    return { name, keyId: bytes.toString('hex', 0, 4), signature: bytes.subarray(4) };
  });
}

export function formatSignature({ name, keyId, signature }: NoteSignature): string {
  return `\u2014 ${name} ${Buffer.concat([Buffer.from(keyId, 'hex'), signature]).toString('base64')}\n`;
}

export function formatNote({ text, signatures }: SignedNote): string {
  return `${text}\n${signatures.map(formatSignature).join('')}`;
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new MalformedError('the note is not UTF-8', { cause });
  }
}
