import { fromBase64 } from './base64.js';
import { type Checkpoint, openCheckpoint } from './checkpoint.js';
import { MalformedError, VerificationError } from './errors.js';
import { HASH_BYTES, leafHash } from './hashing.js';
import { type Cosigned, type Policy, witnessedBy } from './policy.js';
import { rootOfInclusion } from './proofs.js';

const HEADER = 'c2sp.org/tlog-proof@v1';
/** A tree of 2^53 leaves has no longer path. */
const MAX_PATH = 63;

/** That a leaf is in a log: all that is needed to check it offline (C2SP tlog-proof). */
export interface TlogProof {
  index: number;
  /** Audit path, the leaf's sibling first. */
  path: Buffer[];
  /** Ours: the leaf itself. */
  extra: Buffer | null;
  /** The signed checkpoint, verbatim. */
  checkpoint: string;
}

export function formatProof({ index, path, extra, checkpoint }: TlogProof): string {
  const lines = [
    HEADER,
    ...(extra === null ? [] : [`extra ${extra.toString('base64')}`]),
    `index ${index}`,
    ...path.map((hash) => hash.toString('base64')),
  ];
  return `${lines.join('\n')}\n\n${checkpoint}`;
}

/** @throws MalformedError */
export function parseProof(text: string): TlogProof {
  const end = text.indexOf('\n\n');
  if (end < 0) throw new MalformedError('the proof holds no checkpoint');
  const lines = text.slice(0, end).split('\n');
  if (lines.shift() !== HEADER) throw new MalformedError(`a proof begins with ${HEADER}`);
  let extra: Buffer | null = null;
  if (lines[0]?.startsWith('extra ')) {
    extra = fromBase64((lines.shift() as string).slice('extra '.length));
    if (extra === null) throw new MalformedError('the extra data of the proof is not base64');
  }
  const [, index] = /^index (0|[1-9]\d*)$/.exec(lines.shift() ?? '') ?? [];
  if (index === undefined || !Number.isSafeInteger(Number(index))) throw new MalformedError('the proof has no index');
  return { index: Number(index), path: parseHashes(lines), extra, checkpoint: text.slice(end + 2) };
}

/** Hashes in base64, one a line. @throws MalformedError */
export function parseHashes(lines: readonly string[]): Buffer[] {
  if (lines.length > MAX_PATH) throw new MalformedError(`a proof has at most ${MAX_PATH} hashes`);
  return lines.map((line) => {
    const hash = fromBase64(line);
    if (hash?.length !== HASH_BYTES) throw new MalformedError('a line of the proof is no SHA-256 in base64');
    return hash;
  });
}

/** What a proof showed. */
export interface ProvedLeaf {
  index: number;
  leaf: Buffer;
  checkpoint: Checkpoint;
  cosigned: Cosigned[];
}

/**
 * Checks a proof against a policy: the log's signature, the quorum of witnesses, the path from the leaf to the root.
 *
 * @param leaf the entry; the proof's own `extra` when absent (which is then what was proved, not something known before)
 * @throws MalformedError, VerificationError
 */
export function verifyProof(proof: TlogProof, policy: Policy, leaf: Buffer | null = proof.extra): ProvedLeaf {
  if (leaf === null) throw new MalformedError('the proof does not carry the leaf, and none was given');
  const { checkpoint, note } = openCheckpoint(
    proof.checkpoint,
    policy.logs.map(({ key }) => key),
  );
  const { cosigned, isQuorum } = witnessedBy(policy, note);
  if (!isQuorum) throw new VerificationError(`the checkpoint lacks the cosignatures of the quorum "${policy.quorum}"`);
  const root = rootOfInclusion(leafHash(leaf), { index: proof.index, size: checkpoint.size }, proof.path);
  if (root === null || !root.equals(checkpoint.root)) {
    throw new VerificationError(`the leaf is not entry ${proof.index} of the log ${checkpoint.origin}`);
  }
  return { index: proof.index, leaf, checkpoint, cosigned };
}
