import {
  formatCheckpoint,
  formatNote,
  formatVerifierKey,
  type NoteSignature,
  type NoteSigner,
  parseNote,
  type Policy,
  signaturesOf,
  type TreeHead,
  type VerifierKey,
  verifySignature,
} from '#app/transparency';

/** The checkpoint that was signed last, with the cosignatures that have come in since. */
export interface Signed extends TreeHead {
  /** What is signed. */
  text: string;
  cosignatures: NoteSignature[];
}

/** Signs in the name of one log, with every key of its key file. */
export class LogSigner {
  constructor(
    private readonly signers: readonly NoteSigner[],
    readonly origin: string,
  ) {}

  get verifiers(): VerifierKey[] {
    return this.signers.map(({ verifier }) => verifier);
  }

  /** One a line. */
  get vkeys(): string {
    return this.verifiers.map((key) => `${formatVerifierKey(key)}\n`).join('');
  }

  textOf(head: TreeHead): string {
    return formatCheckpoint({ origin: this.origin, ...head });
  }

  /** The whole note. Ed25519 is deterministic: the same keys give the same note again. */
  noteOf({ text, cosignatures }: Pick<Signed, 'text' | 'cosignatures'>): string {
    const own = this.signers.map((signer) => signer.sign(text, new Date()));
    return formatNote({ text, signatures: [...own, ...cosignatures] });
  }
}

/** The cosignatures of a note that witnesses of the policy made. @throws MalformedError */
export function cosignaturesOf(note: string, { witnesses }: Policy): NoteSignature[] {
  const { text, signatures } = parseNote(note);
  return witnesses.flatMap(({ key }) => {
    const valid = signaturesOf(signatures, key).filter(({ signature }) => verifySignature(key, text, signature));
    return valid.slice(-1);
  });
}

/** One cosignature for each key, the later one where there are two. */
export function mergeCosignatures(known: readonly NoteSignature[], more: readonly NoteSignature[]): NoteSignature[] {
  const byKey = new Map([...known, ...more].map((one) => [`${one.name} ${one.keyId}`, one]));
  return [...byKey.values()];
}
