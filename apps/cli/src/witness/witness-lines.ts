import type { Outcome } from './cosigner.js';

const EVERY_MS = 60_000;

/**
 * What a witness tells its operator. A log is cosigned every second and anybody may send requests: of each kind of line at
 * most one a minute is written, with how many were left out.
 */
export class WitnessLines {
  readonly #kinds = new Map<string, { writtenAt: number; leftOut: number }>();

  constructor(
    private readonly write: (line: string) => void,
    private readonly now: () => Date,
  ) {}

  tell(outcome: Outcome): void {
    if (outcome.kind === 'COSIGNED') {
      const { origin, before, size } = outcome;
      return this.#line(`cosigned ${origin}`, `cosigned ${origin}: ${before} → ${size} entries`);
    }
    const { origin, refusal } = outcome;
    // How a log learns from which size to prove: no line.
    if (refusal.status === 409) return undefined;
    // Before its signature is checked an origin is anybody's word, and there are as many as anybody likes.
    const who = origin ?? 'a request';
    return this.#line(`${refusal.status} ${who}`, `refused ${who} (${refusal.status}): ${refusal.body.trim()}`);
  }

  failed(error: unknown): void {
    this.#line('failed', `error: ${error instanceof Error ? error.message : String(error)}`);
  }

  say(sentence: string): void {
    this.write(`${this.now().toISOString()} ${sentence}`);
  }

  #line(kind: string, sentence: string): void {
    const now = this.now().getTime();
    const before = this.#kinds.get(kind);
    if (before !== undefined && now - before.writtenAt < EVERY_MS && now >= before.writtenAt) {
      before.leftOut++;
      return;
    }
    this.#kinds.set(kind, { writtenAt: now, leftOut: 0 });
    this.say(
      before === undefined || before.leftOut === 0 ? sentence : `${sentence} (and ${before.leftOut} like it before)`,
    );
  }
}
