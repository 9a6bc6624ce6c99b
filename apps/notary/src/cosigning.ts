import { setTimeout as sleep } from 'node:timers/promises';
import { type Policy, tileReader, TreeProver, witnessedBy } from '#app/transparency';
import { mergeCosignatures, type Signed } from './signing.js';
import type { TileStore } from './tile-store.js';
import type { Witnesses } from './witnesses/witnesses.js';

/**
 * How long a checkpoint waits for its witnesses before it is published without those that are slow; they are added when
 * they come. With the interval of a checkpoint this keeps the published one within 2 s of the log.
 */
const PATIENCE_MS = 500;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

/** Gathers cosignatures for the newest checkpoint: one round at a time, again and again while a witness lacks. */
export class Cosigning {
  #round: Promise<void> | null = null;
  #asked: Signed | null = null;
  #rounds = 0;
  #notBefore = 0;

  constructor(private readonly parts: { store: TileStore; policy: Policy; witnesses: Witnesses }) {}

  /** Asks for a checkpoint, and waits a little. What comes later is found in it all the same. */
  async ask(signed: Signed, note: string): Promise<void> {
    this.begin(signed, note);
    if (this.#round === null || this.#asked !== signed) return;
    await Promise.race([this.#round, sleep(PATIENCE_MS, undefined, { ref: false })]);
  }

  /** Asks again where a witness lacks, if it is time; does not wait. */
  begin(signed: Signed, note: string): void {
    if (this.#round !== null || !this.#isDue(signed, note)) return;
    this.#rounds = signed === this.#asked ? this.#rounds + 1 : 0;
    this.#asked = signed;
    this.#notBefore = performance.now() + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.#rounds, 10));
    this.#round = this.#gather(signed, note).finally(() => {
      this.#round = null;
    });
  }

  /** Whether a checkpoint has the quorum of the policy. */
  isWitnessed(note: Parameters<typeof witnessedBy>[1]): boolean {
    return witnessedBy(this.parts.policy, note).isQuorum;
  }

  #isDue(signed: Signed, note: string): boolean {
    const { length } = this.parts.policy.witnesses.filter(({ url }) => url !== null);
    if (length === 0 || note === '') return false;
    return signed === this.#asked ? signed.cosignatures.length < length && performance.now() >= this.#notBefore : true;
  }

  async #gather(signed: Signed, note: string): Promise<void> {
    const { store, witnesses } = this.parts;
    const { size } = signed;
    const prove = (from: number): Promise<Buffer[]> => new TreeProver(size, tileReader(store.read)).consistency(from);
    const cosignatures = await witnesses.cosign({ note, size, prove });
    signed.cosignatures = mergeCosignatures(signed.cosignatures, cosignatures);
  }
}
