import { scanLeaf } from './canonical-scan.js';
import type { Finding } from './findings.js';

/** What the leaves of one bundle have in common, for the comparison with their neighbours. */
export interface LeafRun {
  /** Of the first leaf that could be read. */
  position: number;
  log: string;
  earliest: string;
  latest: string;
  /** What position 0 says the origin of the log is; null elsewhere. */
  origin: string | null;
}

/** As `recordedAt` is written: then the order of texts is the order of moments. */
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/**
 * Our own promises about consecutive leaves: canonical, `position` the index, one `log`, `recordedAt` never going back.
 * A tlog of another application keeps none of them.
 */
export class LeafOrder {
  readonly findings: Finding[] = [];
  run: LeafRun | null = null;
  #next: number;

  /** @param first index of the first leaf */
  constructor(first: number) {
    this.#next = first;
  }

  add(leaf: Buffer): void {
    const index = this.#next++;
    const facts = scanLeaf(leaf);
    if (typeof facts === 'string')
      return this.#found('NOT_CANONICAL', index, `leaf ${index} is not canonical JSON: ${facts}`);
    const { log, position, recordedAt } = facts;
    if (position !== index) this.#found('POSITION', index, `leaf ${index} says that its position is ${position}`);
    if (log === null) return this.#found('LOG', index, `leaf ${index} names no log`);
    if (recordedAt === null || !MOMENT.test(recordedAt)) {
      return this.#found('RECORDED_AT', index, `leaf ${index} does not say when it was recorded`);
    }
    if (this.run === null) {
      const origin = index === 0 ? originOf(leaf) : null;
      this.run = { position: index, log, earliest: recordedAt, latest: recordedAt, origin };
      return;
    }
    if (log !== this.run.log) this.#found('LOG', index, otherLog(index, log, this.run.log));
    if (recordedAt < this.run.latest) this.#found('RECORDED_AT', index, goesBack(index, recordedAt, this.run.latest));
    else this.run.latest = recordedAt;
  }

  #found(kind: Finding['kind'], position: number, detail: string): void {
    this.findings.push({ kind, position, detail });
  }
}

/** The same promises from one bundle to the next, in their order. */
export class RunOrder {
  #log: string | null = null;
  #latest = '';

  /** @param origin of the checkpoint, which position 0 must name */
  constructor(private readonly origin: string) {}

  next(run: LeafRun): Finding[] {
    const findings: Finding[] = [];
    const { position, log, earliest, latest, origin } = run;
    this.#log ??= log;
    if (log !== this.#log) findings.push({ kind: 'LOG', position, detail: otherLog(position, log, this.#log) });
    if (earliest < this.#latest) {
      findings.push({ kind: 'RECORDED_AT', position, detail: goesBack(position, earliest, this.#latest) });
    }
    if (position === 0 && origin !== this.origin) {
      const detail = `the log was created as ${origin ?? 'something else'}, and the checkpoint is of ${this.origin}`;
      findings.push({ kind: 'ORIGIN', position, detail });
    }
    if (latest > this.#latest) this.#latest = latest;
    return findings;
  }
}

function otherLog(index: number, log: string, expected: string): string {
  return `leaf ${index} is of the log ${log}, those before it are of ${expected}`;
}

function goesBack(index: number, recordedAt: string, before: string): string {
  return `leaf ${index} was recorded at ${recordedAt}, before the one before it (${before})`;
}

/** What LogCreated says; null for any other leaf. */
function originOf(leaf: Buffer): string | null {
  const { type, data } = JSON.parse(leaf.toString()) as { type?: unknown; data?: { origin?: unknown } | null };
  return type === 'LogCreated' && typeof data?.origin === 'string' ? data.origin : null;
}
