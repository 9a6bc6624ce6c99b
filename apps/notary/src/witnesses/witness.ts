import {
  formatAddCheckpoint,
  type NoteSignature,
  parseSignatures,
  type PolicyWitness,
  signaturesOf,
  type VerifierKey,
  VerificationError,
  verifySignature,
} from '#app/transparency';
import { type Answer, callAddCheckpoint } from './add-checkpoint-call.js';
import { AheadError, DivergedError } from './witness-errors.js';

/** A checkpoint that is being cosigned. */
export interface Submission {
  /** The signed checkpoint, verbatim. */
  note: string;
  /** What is signed of it. */
  text: string;
  size: number;
  /** Consistency proof from a smaller size. */
  prove: (from: number) => Promise<Buffer[]>;
}

/** What a witness did with a checkpoint. */
export interface Exchange {
  cosignatures: NoteSignature[];
  /** The size that it said it had cosigned last, when that is less than it has cosigned for us; else null. */
  forgottenTo: number | null;
}

/**
 * Asks a witness once, and once more when it says from which size it needs the proof.
 *
 * @param known the size that it has cosigned last, as far as we know
 * @throws AheadError, DivergedError, VerificationError, or an Error with a sentence
 */
export async function exchangeWith(
  { key, url }: PolicyWitness & { url: string },
  of: Submission,
  { known, signal }: { known: number; signal: AbortSignal },
): Promise<Exchange> {
  const submit = async (oldSize: number): Promise<Answer> => {
    const proof = await of.prove(oldSize).catch((cause: Error) => {
      throw new Error(`no proof from ${oldSize} to ${of.size} can be made for it: ${cause.message}`, { cause });
    });
    return callAddCheckpoint(url, formatAddCheckpoint({ oldSize, proof, checkpoint: of.note }), signal);
  };
  // What it knows and we do not have any more, it shall tell.
  const from = Math.min(known, of.size);
  let answer = await submit(from);
  let cosignedLast = from;
  if (answer.status === 409) {
    cosignedLast = sizeIn(answer);
    if (cosignedLast > of.size) {
      throw new AheadError(`it has cosigned ${cosignedLast} entries, and this log has ${of.size}`);
    }
    answer = await submit(cosignedLast);
  }
  return {
    cosignatures: cosignaturesIn(answer, { key, text: of.text, cosignedLast }),
    forgottenTo: cosignedLast < from ? cosignedLast : null,
  };
}

function sizeIn({ type, body }: Answer): number {
  const [, size] = /^(0|[1-9]\d*)\n$/.exec(body) ?? [];
  if (type !== 'text/x.tlog.size' || size === undefined || !Number.isSafeInteger(Number(size))) {
    throw new Error('it answers 409 without the size that it has cosigned last');
  }
  return Number(size);
}

function cosignaturesIn(
  { status, body }: Answer,
  { key, text, cosignedLast }: { key: VerifierKey; text: string; cosignedLast: number },
): NoteSignature[] {
  if (status === 422) {
    throw new DivergedError(`its checkpoint of ${cosignedLast} entries is not the beginning of this log${said(body)}`);
  }
  if (status !== 200) throw new Error(`it answers ${status}${said(body)}`);
  if (!body.endsWith('\n')) throw new VerificationError('its answer does not end with a newline');
  const own = signaturesOf(parseSignatures(body), key);
  if (own.length === 0) throw new VerificationError(`its answer holds no cosignature of ${key.name} (${key.keyId})`);
  for (const { signature } of own) {
    const time = verifySignature(key, text, signature)?.time;
    if (!time) throw new VerificationError('its cosignature does not verify');
    // A cosignature without a time is for a subtree: it does not say that nothing larger was seen.
    if (time.getTime() === 0) throw new VerificationError('its cosignature has no time');
  }
  return own;
}

/** The beginning of what others wrote, in one line. */
function said(body: string): string {
  const line = body
    .slice(0, 200)
    .replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .trim();
  return line === '' ? '' : `: ${line}`;
}
