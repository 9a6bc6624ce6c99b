import {
  type Checkpoint,
  type Cosigned,
  MalformedError,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
  type Policy,
  VerificationError,
  witnessedBy,
} from '#app/transparency';
import { type Check, failed } from './findings.js';

/** What the checkpoint of a log says, and whether it is signed as it must be. */
export interface CheckedCheckpoint {
  /** Null when it cannot be read at all. What it says holds only if all checks are ok. */
  checkpoint: Checkpoint | null;
  cosigned: Cosigned[];
  checks: Check[];
}

/** Signature of the log and quorum of witnesses. The tree of a checkpoint that nobody signed can still be looked at. */
export function checkCheckpoint(note: Buffer, policy: Policy): CheckedCheckpoint {
  const keys = policy.logs.map(({ key }) => key);
  try {
    const { checkpoint, note: parsed } = openCheckpoint(note, keys);
    const { cosigned, isQuorum } = witnessedBy(policy, parsed);
    const { origin, size } = checkpoint;
    const signed: Check = { name: 'checkpoint', ok: true, detail: `${origin} signed a tree of ${size} leaves` };
    return { checkpoint, cosigned, checks: [signed, checkQuorum(policy, cosigned, isQuorum)] };
  } catch (error) {
    if (error instanceof MalformedError) {
      return {
        checkpoint: null,
        cosigned: [],
        checks: [failed('checkpoint', { kind: 'MALFORMED', detail: error.message })],
      };
    }
    if (!(error instanceof VerificationError)) throw error;
    const checkpoint = parseCheckpoint(parseNote(note).text);
    return { checkpoint, cosigned: [], checks: [failed('checkpoint', { kind: 'SIGNATURE', detail: error.message })] };
  }
}

function checkQuorum({ quorum, witnesses }: Policy, cosigned: readonly Cosigned[], isQuorum: boolean): Check {
  const names = cosigned.map(({ witness }) => witness.name).join(', ') || 'none';
  if (!isQuorum) {
    const detail = `of the quorum "${quorum}" these have cosigned: ${names}`;
    return failed('witnesses', { kind: 'QUORUM', detail });
  }
  const detail =
    quorum === 'none'
      ? 'the policy asks for no witness'
      : `${cosigned.length} of ${witnesses.length} cosigned: ${names}`;
  return { name: 'witnesses', ok: true, detail };
}
