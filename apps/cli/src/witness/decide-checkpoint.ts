import {
  EMPTY_ROOT,
  isConsistent,
  MalformedError,
  type NoteSignature,
  openCheckpoint,
  parseAddCheckpoint,
  parseCheckpoint,
  parseNote,
  signaturesOf,
  type TreeHead,
  type VerifierKey,
  VerificationError,
} from '#app/transparency';

/** What the witness answers to a checkpoint that it does not cosign (C2SP tlog-witness, add-checkpoint). */
export interface Refusal {
  kind: 'REFUSED';
  status: 400 | 403 | 404 | 409 | 422;
  /** A sentence; for 409 the size that was cosigned last, as the protocol has it. */
  body: string;
}

/** A checkpoint that its log has signed, with the proof that it goes on from what was cosigned before. */
export interface SignedSubmission {
  kind: 'SIGNED';
  origin: string;
  head: TreeHead;
  oldSize: number;
  proof: Buffer[];
  /** What is signed, and cosigned. */
  text: string;
  /** Those of the log that verified. */
  signatures: NoteSignature[];
}

/**
 * Reads a request and checks that a known log signed it. Nothing here depends on what was cosigned before.
 *
 * @param logs the keys of the logs that this witness knows; a key's name is its log's origin
 */
export function readSubmission(body: Buffer, logs: readonly VerifierKey[]): SignedSubmission | Refusal {
  try {
    const { oldSize, proof, checkpoint } = parseAddCheckpoint(decode(body));
    const note = parseNote(checkpoint);
    const { origin, size, root } = parseCheckpoint(note.text);
    const keys = logs.filter(({ name }) => name === origin);
    if (keys.length === 0) return refused(404, 'this witness does not know the origin of the checkpoint');
    openCheckpoint(checkpoint, keys);
    const signatures = keys.flatMap((key) => signaturesOf(note.signatures, key));
    return { kind: 'SIGNED', origin, head: { size, root }, oldSize, proof, text: note.text, signatures };
  } catch (error) {
    if (error instanceof MalformedError) return refused(400, error.message);
    if (error instanceof VerificationError) return refused(403, error.message);
    throw error;
  }
}

/**
 * Whether a checkpoint may be cosigned after the latest one that was; null when it may. Cosigning it and remembering it must
 * be one step with this.
 *
 * @param latest null: nothing of this log was ever cosigned
 */
export function refusalOf({ head, oldSize, proof }: SignedSubmission, latest: TreeHead | null): Refusal | null {
  if (oldSize > head.size) return refused(400, `the old size ${oldSize} is above the checkpoint's, ${head.size}`);
  const known = latest ?? { size: 0, root: EMPTY_ROOT };
  if (oldSize !== known.size) return { kind: 'REFUSED', status: 409, body: `${known.size}\n` };
  if (isConsistent(known, head, proof)) return null;
  if (proof.length === 0 && head.size === 0) {
    return refused(422, 'a checkpoint of no entries has the root of the empty tree');
  }
  if (oldSize === 0) return refused(422, 'from old size 0 the proof is empty');
  if (oldSize < head.size) return refused(422, `the proof does not lead from ${oldSize} entries to ${head.size}`);
  return head.root.equals(known.root)
    ? refused(422, 'from a size to itself the proof is empty')
    : refused(422, `another root was cosigned for ${oldSize} entries`);
}

/** Whether the log has signed two roots for one size: these two checkpoints are the proof of it. */
export function isFork({ head }: SignedSubmission, latest: TreeHead | null): boolean {
  return latest !== null && head.size === latest.size && !head.root.equals(latest.root);
}

function refused(status: Refusal['status'], sentence: string): Refusal {
  return { kind: 'REFUSED', status, body: `${sentence}\n` };
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new MalformedError('the request is not UTF-8', { cause });
  }
}
