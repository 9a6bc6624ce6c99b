import {
  type Checkpoint,
  isConsistent,
  MalformedError,
  MalformedTileError,
  openCheckpoint,
  parseNote,
  type Policy,
  type TileReader,
  type TreeHead,
  TreeProver,
  VerificationError,
} from '#app/transparency';
import { type Check, type Finding, Findings } from './findings.js';

/** Notes of a file, one behind the other, as they were kept: a note ends where its signatures do. */
export function splitNotes(text: string): string[] {
  const notes: string[] = [];
  let lines: string[] = [];
  let hasSignature = false;
  for (const line of text.split('\n')) {
    const isSignature = line.startsWith('\u2014 ');
    if (hasSignature && !isSignature) {
      notes.push(lines.join('\n') + '\n');
      lines = [];
      hasSignature = false;
    }
    hasSignature ||= isSignature;
    if (lines.length > 0 || line.trim() !== '') lines.push(line);
  }
  if (lines.some((line) => line.trim() !== '')) notes.push(lines.join('\n') + '\n');
  return notes;
}

/** How many proofs share the tiles that were read: then they are forgotten, so that memory stays flat. */
const PROOFS_PER_PROVER = 64;

/** Whether each of the checkpoints that somebody kept is the beginning of the log as it is signed now. */
export async function checkEarlier(
  notes: readonly string[],
  now: TreeHead,
  { policy, read, limit }: { policy: Policy; read: TileReader; limit: number },
): Promise<Check> {
  const findings = new Findings(limit);
  let prover = new TreeProver(now.size, read);
  for (const [index, note] of notes.entries()) {
    if (index % PROOFS_PER_PROVER === 0) prover = new TreeProver(now.size, read);
    const opened = opening(note, policy);
    const finding = 'kind' in opened ? opened : await beginning(opened, now, prover);
    if (finding !== null) findings.add(finding);
    if (findings.isFull) break;
  }
  if (notes.length === 0) findings.add({ kind: 'MALFORMED', detail: 'there is no checkpoint in it' });
  const passed = notes.length === 1 ? 'the earlier checkpoint is' : `${notes.length} earlier checkpoints are`;
  return findings.toCheck('consistency', `${passed} the beginning of this log`);
}

function opening(note: string, policy: Policy): Checkpoint | Finding {
  try {
    return openCheckpoint(
      note,
      policy.logs.map(({ key }) => key),
    ).checkpoint;
  } catch (error) {
    if (error instanceof MalformedError)
      return { kind: 'MALFORMED', detail: `an earlier checkpoint: ${error.message}` };
    if (!(error instanceof VerificationError)) throw error;
    // What the log did not sign shows nothing about it: a wrong file, or somebody else's.
    return {
      kind: 'SIGNATURE',
      detail: `an earlier checkpoint (size ${parseNote(note).text.split('\n')[1]}): ${error.message}`,
    };
  }
}

async function beginning(earlier: Checkpoint, now: TreeHead, prover: TreeProver): Promise<Finding | null> {
  if (earlier.size > now.size) {
    const detail = `the log has ${now.size} leaves; it signed ${earlier.size} before`;
    return { kind: 'ROLLED_BACK', detail, position: now.size };
  }
  if (earlier.size === now.size && earlier.root.equals(now.root)) return null;
  try {
    if (isConsistent(earlier, now, await prover.consistency(earlier.size))) return null;
  } catch (error) {
    if (!(error instanceof MalformedTileError)) throw error;
    return { kind: 'MISSING', detail: `the checkpoint of ${earlier.size} leaves cannot be compared: ${error.message}` };
  }
  const detail = `the checkpoint of ${earlier.size} leaves is not the beginning of this log: the log signed two histories, or its tiles are damaged`;
  return { kind: 'FORKED', detail };
}
