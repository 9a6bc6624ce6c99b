import { type Leaf } from '#app/log';
import {
  MalformedError,
  parseProof,
  type Policy,
  type ProvedLeaf,
  verifyProof,
  VerificationError,
} from '#app/transparency';
import { scanLeaf } from './canonical-scan.js';
import { type Check, failed, type Finding } from './findings.js';

/** What a proof showed, for the one who asked. */
export interface ProofSummary {
  file: string;
  position: number;
  origin: string;
  /** Of the checkpoint under which the leaf is. */
  size: number;
  cosigned: { witness: string; time: string }[];
  /** The leaf as it is; null when it is not JSON (--tree-only). */
  leaf: unknown;
}

export interface CheckedProof {
  check: Check;
  /** The leaf that is in the log, verbatim; null when that was not proved. */
  leaf: string | null;
  summary: ProofSummary | null;
}

/** One .tlog-proof file: the log's signature, the quorum, the path from the leaf that it carries to the root. */
export function checkProof(
  { file, text }: { file: string; text: string },
  policy: Policy,
  treeOnly: boolean,
): CheckedProof {
  let proved: ProvedLeaf;
  try {
    proved = verifyProof(parseProof(text), policy);
  } catch (error) {
    const finding = notProved(file, error);
    return { check: failed('proof', finding), leaf: null, summary: null };
  }
  const fault = treeOnly ? null : faultOf(proved, file);
  if (fault !== null) return { check: failed('proof', fault), leaf: null, summary: null };
  const { index, checkpoint, cosigned } = proved;
  const summary = {
    file,
    position: index,
    origin: checkpoint.origin,
    size: checkpoint.size,
    cosigned: cosigned.map(({ witness, time }) => ({ witness: witness.name, time: time.toISOString() })),
    leaf: treeOnly ? null : (JSON.parse(proved.leaf.toString()) as unknown),
  };
  const detail = `${file}: entry ${index} of ${checkpoint.origin}, under its tree of ${checkpoint.size} leaves`;
  return { check: { name: 'proof', ok: true, detail }, leaf: proved.leaf.toString(), summary };
}

/** Lines for people: what the leaf says, in short. */
export function proofLines({ leaf, cosigned }: ProofSummary): string[] {
  const { type, recordedAt, id, stream, streamVersion, actor } = (leaf ?? {}) as Partial<Leaf>;
  const witnesses = cosigned.map(({ witness, time }) => `  cosigned by ${witness} at ${time}`);
  if (type === undefined) return witnesses;
  return [
    `  ${type} ${id}`,
    `  recorded ${recordedAt} by ${actor}`,
    `  stream ${stream}, version ${streamVersion}`,
    ...witnesses,
  ];
}

function faultOf({ leaf, index }: ProvedLeaf, file: string): Finding | null {
  const facts = scanLeaf(leaf);
  if (typeof facts === 'string') {
    return { kind: 'NOT_CANONICAL', detail: `${file}: leaf ${index} is not canonical JSON: ${facts}`, position: index };
  }
  if (facts.position === index) return null;
  return {
    kind: 'POSITION',
    detail: `${file}: leaf ${index} says that its position is ${facts.position}`,
    position: index,
  };
}

function notProved(file: string, error: unknown): Finding {
  const detail = `${file}: ${(error as Error).message}`;
  if (error instanceof MalformedError) return { kind: 'MALFORMED', detail };
  if (error instanceof VerificationError) return { kind: 'NOT_PROVED', detail };
  throw error;
}
