import { MalformedError } from './errors.js';
import { parseHashes } from './tlog-proof.js';

/** What a log sends to a witness (C2SP tlog-witness, add-checkpoint). */
export interface AddCheckpoint {
  /** Size that the witness has cosigned last. */
  oldSize: number;
  /** Consistency proof from there to the checkpoint. */
  proof: Buffer[];
  /** The signed checkpoint, verbatim. */
  checkpoint: string;
}

export function formatAddCheckpoint({ oldSize, proof, checkpoint }: AddCheckpoint): string {
  return `${[`old ${oldSize}`, ...proof.map((hash) => hash.toString('base64'))].join('\n')}\n\n${checkpoint}`;
}

/** @throws MalformedError */
export function parseAddCheckpoint(body: string): AddCheckpoint {
  const end = body.indexOf('\n\n');
  if (end < 0) throw new MalformedError('the request holds no checkpoint');
  const [first, ...hashes] = body.slice(0, end).split('\n');
  const [, oldSize] = /^old (0|[1-9]\d*)$/.exec(first ?? '') ?? [];
  if (oldSize === undefined || !Number.isSafeInteger(Number(oldSize))) {
    throw new MalformedError('the request begins with "old <size>"');
  }
  return { oldSize: Number(oldSize), proof: parseHashes(hashes), checkpoint: body.slice(end + 2) };
}
