import path from 'node:path';
import {
  CHECKPOINT_FILE,
  formatNote,
  formatSignature,
  type NoteSigner,
  type VerifierKey,
  writeDurably,
} from '#app/transparency';
import { isFork, readSubmission, type Refusal, refusalOf, type SignedSubmission } from './decide-checkpoint.js';
import { StateError } from './state-error.js';
import { type Cosigned, originHash, readOrNull } from './state-folder.js';

/** What became of a request. */
export type Outcome =
  | { kind: 'COSIGNED'; origin: string; size: number; before: number; body: string }
  | { kind: 'REFUSED'; origin: string | null; refusal: Refusal };

interface Parts {
  folder: string;
  /** All of them sign. */
  signers: readonly NoteSigner[];
  logs: readonly VerifierKey[];
  /** What was cosigned before, by the hash of the origin. */
  state: Map<string, Cosigned>;
}

/**
 * Cosigns what extends the latest checkpoint of its log, and nothing else. Checking, writing down and signing are one step
 * for each log: requests for the same one wait for each other.
 */
export class Cosigner {
  readonly #last = new Map<string, Promise<unknown>>();

  constructor(private readonly parts: Parts) {}

  /** @throws when the state cannot be written; then nothing was cosigned */
  async add(body: Buffer, now: () => Date): Promise<Outcome> {
    const submission = readSubmission(body, this.parts.logs);
    if (submission.kind === 'REFUSED') return { kind: 'REFUSED', origin: null, refusal: submission };
    const key = originHash(submission.origin);
    const before = this.#last.get(key) ?? Promise.resolve();
    const turn = before.then(() => this.#decide(key, submission, now()));
    this.#last.set(
      key,
      turn.catch(() => undefined),
    );
    return turn;
  }

  /** The latest checkpoint with both signatures; null when none was ever cosigned. */
  latest(hash: string): Cosigned | null {
    return this.parts.state.get(hash) ?? null;
  }

  async #decide(key: string, submission: SignedSubmission, now: Date): Promise<Outcome> {
    const { folder, signers, state } = this.parts;
    const { origin, head, text } = submission;
    const latest = state.get(key) ?? null;
    const refusal = refusalOf(submission, latest?.head ?? null);
    if (refusal !== null) {
      if (isFork(submission, latest?.head ?? null)) await this.#keepFork(key, submission);
      return { kind: 'REFUSED', origin, refusal };
    }
    const cosignatures = signers.map((signer) => signer.sign(text, now));
    const note = formatNote({ text, signatures: [...submission.signatures, ...cosignatures] });
    const file = path.join(key, CHECKPOINT_FILE);
    if (readOrNull(path.join(folder, file)) !== (latest?.note ?? null)) {
      throw new StateError(
        `somebody else has changed ${path.join(folder, file)}: nothing is cosigned before a restart`,
      );
    }
    await writeDurably(folder, [{ path: file, bytes: note }]);
    state.set(key, { head, note });
    const body = cosignatures.map(formatSignature).join('');
    return { kind: 'COSIGNED', origin, size: head.size, before: latest?.head.size ?? 0, body };
  }

  /** The other checkpoint of the same size, beside ours: with both anybody can show that the log signed two histories. */
  async #keepFork(key: string, { head, text, signatures }: SignedSubmission): Promise<void> {
    const file = path.join(key, `fork-${head.size}`);
    if (readOrNull(path.join(this.parts.folder, file)) !== null) return;
    const held = this.parts.state.get(key)?.note ?? '';
    await writeDurably(this.parts.folder, [{ path: file, bytes: `${held}\n${formatNote({ text, signatures })}` }]);
  }
}
