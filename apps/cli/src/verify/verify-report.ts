import type { Checkpoint, Cosigned } from '#app/transparency';
import { CommandError, EXIT } from '../exit-codes.js';
import { asDatabaseError } from '../postgres-errors.js';
import { count, type Output } from '../terminal/output.js';
import { type Check, failed } from './findings.js';
import { type ProofSummary, proofLines } from './check-proof.js';

/** Gathers what the checks of one call found, and says it once. */
export class VerifyReport {
  readonly #started = performance.now();
  readonly #checks: Check[] = [];
  readonly #proofs: ProofSummary[] = [];
  #log: { origin: string; size: number; root: string; cosigned: { witness: string; time: string }[] } | null = null;
  #exitCode: number = EXIT.ok;

  add(...checks: readonly Check[]): void {
    this.#checks.push(...checks);
  }

  /** What a server or a file that does not answer keeps from being checked is listed; the other checks go on. */
  async attempt(name: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (caught) {
      const error = asDatabaseError(caught);
      if (!(error instanceof CommandError)) throw error;
      this.#exitCode = Math.max(this.#exitCode, error.exitCode);
      this.add(failed(name, { kind: 'NOT_CHECKED', detail: error.message }));
    }
  }

  signedLog({ origin, size, root }: Checkpoint, cosigned: readonly Cosigned[]): void {
    const witnesses = cosigned.map(({ witness, time }) => ({ witness: witness.name, time: time.toISOString() }));
    this.#log = { origin, size, root: root.toString('base64'), cosigned: witnesses };
  }

  proved(summary: ProofSummary): void {
    this.#proofs.push(summary);
  }

  get isOk(): boolean {
    return this.#checks.every(({ ok }) => ok);
  }

  get checks(): readonly Check[] {
    return this.#checks;
  }

  /** The checks, for people. */
  lines(): string[] {
    return this.#checks.flatMap(linesOf);
  }

  /** @returns the exit code: what does not verify counts more than what could not be checked */
  print(output: Output): number {
    const seconds = Math.round(performance.now() - this.#started) / 1000;
    const checks = this.#checks;
    const log = this.#log;
    output.result(
      {
        ok: this.isOk,
        checks,
        ...(log === null ? {} : { log }),
        ...(this.#proofs.length === 0 ? {} : { proofs: this.#proofs }),
        seconds,
      },
      [...this.lines(), ...this.#proofs.flatMap(proofLines), this.#verdict(seconds)],
    );
    const doesNotVerify = checks.some(({ ok, kind }) => !ok && kind !== 'NOT_CHECKED');
    return doesNotVerify ? EXIT.failed : this.#exitCode;
  }

  #verdict(seconds: number): string {
    const log = this.#log === null ? '' : ` ${this.#log.origin}, ${count(this.#log.size)} leaves, in ${seconds} s.`;
    return `${this.isOk ? 'Verified.' : 'NOT VERIFIED.'}${log}`;
  }
}

function linesOf({ name, ok, detail, findings = [] }: Check): string[] {
  const verdict = ok ? 'ok    ' : 'FAILED';
  return [
    `${verdict}  ${name.padEnd(11)}  ${detail}`,
    ...findings.slice(1).map((one) => `          ${''.padEnd(9)}  ${one.kind}: ${one.detail}`),
  ];
}
