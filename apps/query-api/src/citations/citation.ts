import { createHash } from 'node:crypto';
import { canonicalize } from '#app/log';
import { MalformedError, parseCheckpoint, parseNote } from '#app/transparency';
import type { AsOfDto } from '../asking/as-of.dto.js';

/** What a citation commits to: a question, the state that it was answered at, and the answer. */
export interface Cited {
  /** Path and parameters, all that fixes the answer written out. */
  query: string;
  asOf: AsOfDto;
  mediaType: string;
  /** SHA-256 of the answer, 64 hex digits. */
  digest: string;
}

/** A citation as it is stored. */
export interface StoredCitation {
  id: string;
  /** RFC 8785 text of `Cited`. */
  commitment: string;
  /** The answer, byte for byte. */
  result: Buffer;
  /** The first published checkpoint that covers the position: a C2SP signed note. */
  checkpoint: string;
  /** RFC 3339. */
  citedAt: string;
}

/** base64url of 16 bytes. */
const ID = /^[\w-]{22}$/;
const ID_BYTES = 16;

export function isCitationId(text: string): boolean {
  return ID.test(text);
}

/** The text that the id is the hash of. */
export function commitmentTo(cited: Cited): string {
  return canonicalize(cited);
}

export function citationId(commitment: string): string {
  return createHash('sha256').update(commitment).digest().subarray(0, ID_BYTES).toString('base64url');
}

export function digestOf(result: Buffer): string {
  return createHash('sha256').update(result).digest('hex');
}

/** The lines of a checkpoint that are signed. Null: it is none, or does not cover the position. */
export function coveringText(checkpoint: string, position: number): { text: string; size: number } | null {
  try {
    const { text } = parseNote(checkpoint);
    const { size } = parseCheckpoint(text);
    return size > position ? { text, size } : null;
  } catch (error) {
    if (error instanceof MalformedError) return null;
    throw error;
  }
}

/**
 * What a stored citation says, once it is known to be what was cited.
 *
 * @returns what is wrong with it, as the end of a sentence, where something is
 */
export function readCitation({ id, commitment, result, checkpoint }: StoredCitation): Cited | string {
  if (citationId(commitment) !== id) return 'its id is not that of what it says';
  const cited = JSON.parse(commitment) as Cited;
  if (digestOf(result) !== cited.digest) return 'its answer does not have the digest that it says';
  if (coveringText(checkpoint, cited.asOf.position) === null) return 'its checkpoint does not cover its position';
  return cited;
}
