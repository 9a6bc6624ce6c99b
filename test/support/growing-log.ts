import {
  formatAddCheckpoint,
  formatCheckpoint,
  formatNote,
  formatVerifierKey,
  leafHash,
  NoteSigner,
  rootOf,
  type TreeHead,
  TreeProver,
} from '#app/transparency';

/** One history of a log: the hashes of its leaves, in order. */
export type History = readonly Buffer[];

/** As many as one tile holds, so that one is all a prover reads. */
const LEAVES_MAX = 255;

export function history(size: number, name = 'entry'): History {
  return Array.from({ length: size }, (_, index) => leafHash(Buffer.from(`${name} ${index}`)));
}

/** The same up to `size`, and something else behind. */
export function forkAt(size: number, of: History): History {
  return [...of.slice(0, size), ...history(of.length - size, 'another entry')];
}

/** A log with a key that signs whatever it is asked to: any size of any history. */
export class GrowingLog {
  constructor(
    readonly origin: string,
    readonly signer = NoteSigner.generate(origin, 'LOG'),
  ) {}

  get vkey(): string {
    return formatVerifierKey(this.signer.verifier);
  }

  /** The first `size` leaves of a history as what a notary has cosigned. */
  checkpoint(
    of: History,
    size = of.length,
  ): { note: string; size: number; prove: (from: number) => Promise<Buffer[]> } {
    const prover = proverOf(of, size);
    return {
      note: this.note({ size, root: rootOf(of.slice(0, size)) }),
      size,
      prove: (from) => prover.consistency(from),
    };
  }

  /** Any size and root, signed. */
  note(head: TreeHead, extension = ''): string {
    const text = formatCheckpoint({ origin: this.origin, ...head }) + extension;
    return formatNote({ text, signatures: [this.signer.sign(text, new Date())] });
  }

  /** The body of a request to a witness that has cosigned `oldSize`. */
  async request(of: History, { oldSize, size = of.length }: { oldSize: number; size?: number }): Promise<string> {
    const { note, prove } = this.checkpoint(of, size);
    return formatAddCheckpoint({ oldSize, proof: await prove(oldSize), checkpoint: note });
  }
}

function proverOf(of: History, size: number): TreeProver {
  if (size > LEAVES_MAX) throw new RangeError(`a log of ${size} leaves does not fit into one tile`);
  return new TreeProver(size, async ({ width }) => Buffer.concat(of.slice(0, width)));
}
