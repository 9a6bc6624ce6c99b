import { errorForLog, within } from '#app/runtime';
import {
  MalformedError,
  type NoteSignature,
  parseCheckpoint,
  parseNote,
  type Policy,
  type PolicyWitness,
  witnessedBy,
} from '#app/transparency';
import type { Logger } from 'pino';
import { exchangeWith, type Submission } from './witness.js';
import { AheadError, DivergedError } from './witness-errors.js';

/**
 * How a witness stands to us. `AHEAD` and `DIVERGED` are evidence against our own log: the witness has cosigned more than
 * it holds, or something else.
 */
export type WitnessStatus = 'NOT_ASKED' | 'COSIGNING' | 'FAILING' | 'AHEAD' | 'DIVERGED';

export interface WitnessState {
  /** In the policy. */
  name: string;
  url: string;
  status: WitnessStatus;
  /** The largest size that it has cosigned for us, as far as we know. */
  size: number | null;
  lastSuccess: Date | null;
  /** What went wrong the last time; null after a cosignature. */
  error: string | null;
  /** When it was last seen to have forgotten what it had cosigned: evidence against the witness. */
  rolledBack: Date | null;
}

interface Options {
  /** For one checkpoint, whatever the witnesses do. */
  timeoutMs: number;
  logger: Logger;
}

type Asked = PolicyWitness & { url: string };
function whyNotAsked({ url, key }: PolicyWitness): string | null {
  if (key.kind !== 'WITNESS') return 'cosignatures of this witness cannot be checked (ML-DSA-44)';
  return url === null ? 'the policy gives no URL for this witness' : null;
}

interface Standing {
  witness: Asked;
  state: WitnessState;
  failures: number;
  /** Not asked before; in milliseconds of the clock that never steps. */
  notBefore: number;
}

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Asks the witnesses of a policy for their cosignatures, all at once. One that fails is left alone for a while, longer each
 * time, so that a dead one does not hold up every checkpoint.
 */
export class Witnesses {
  readonly #standings: Standing[];

  /** @throws MalformedError for a witness whose URL is none of HTTP */
  constructor(
    policy: Policy,
    private readonly options: Options,
  ) {
    this.#standings = policy.witnesses.flatMap((witness) => {
      const reason = whyNotAsked(witness);
      if (reason !== null) options.logger.warn({ witness: witness.name }, `${reason}: it is not asked`);
      return reason !== null ? [] : [standingOf({ ...witness, url: prefixOf(witness.name, witness.url as string) })];
    });
  }

  /** Reads out of a checkpoint that was cosigned before what its witnesses know, as after a restart. @throws MalformedError */
  recall(note: string): void {
    const parsed = parseNote(note);
    const { size } = parseCheckpoint(parsed.text);
    const witnesses = this.#standings.map(({ witness }) => witness);
    const policy: Policy = { logs: [], witnesses, groups: [], quorum: 'none' };
    for (const { witness, time } of witnessedBy(policy, parsed).cosigned) {
      const state = this.#standings.find((one) => one.witness.name === witness.name)?.state;
      if (state === undefined || (state.size ?? -1) >= size) continue;
      state.size = size;
      state.lastSuccess = time;
    }
  }

  /**
   * The cosignatures that come in time; those of other keys than the policy's are left out. Never rejects, and resolves
   * within the timeout. The same checkpoint can be sent again, for those that are missing.
   */
  async cosign(of: Omit<Submission, 'text'>): Promise<NoteSignature[]> {
    const submission: Submission = { ...of, text: textOf(of.note), prove: proveOnce(of.prove) };
    const due = this.#standings.filter(({ notBefore }) => performance.now() >= notBefore);
    const answers = await Promise.all(due.map((standing) => this.#ask(standing, submission)));
    return answers.flat();
  }

  states(): WitnessState[] {
    return this.#standings.map(({ state }) => ({ ...state }));
  }

  async #ask(standing: Standing, of: Submission): Promise<NoteSignature[]> {
    const { witness, state } = standing;
    const stop = new AbortController();
    try {
      const exchange = exchangeWith(witness, of, { known: state.size ?? 0, signal: stop.signal });
      const { cosignatures, forgottenTo } = await within(this.options.timeoutMs, exchange);
      if (forgottenTo !== null) this.#rolledBack(state, forgottenTo);
      this.#succeeded(standing, of.size);
      return cosignatures;
    } catch (error) {
      this.#failed(standing, error);
      return [];
    } finally {
      stop.abort();
    }
  }

  #succeeded(standing: Standing, size: number): void {
    const { state } = standing;
    if (state.status !== 'COSIGNING') {
      this.options.logger.info({ witness: state.name, url: state.url, size }, 'the witness cosigns');
    }
    Object.assign(state, { status: 'COSIGNING', size, lastSuccess: new Date(), error: null });
    standing.failures = 0;
    standing.notBefore = 0;
  }

  #failed(standing: Standing, error: unknown): void {
    const { state } = standing;
    const status = statusOf(error);
    if (state.status !== status) this.#tell(state, { status, error });
    state.status = status;
    state.error = error instanceof Error ? error.message : String(error);
    standing.notBefore = performance.now() + pauseMs(standing.failures++);
  }

  /** Once for each change: a witness that stays away must not fill the log. */
  #tell({ name, url, size }: WitnessState, { status, error }: { status: WitnessStatus; error: unknown }): void {
    const details = { witness: name, url, size, err: errorForLog(error) };
    if (status === 'FAILING') this.options.logger.warn(details, 'the witness does not cosign');
    else this.options.logger.error({ ...details, status }, 'the witness has cosigned another history of this log');
  }

  #rolledBack(state: WitnessState, size: number): void {
    state.rolledBack = new Date();
    this.options.logger.error(
      { witness: state.name, url: state.url, cosigned: state.size, size },
      'the witness has forgotten what it cosigned: it was rolled back',
    );
  }
}

function standingOf(witness: Asked): Standing {
  const { name, url } = witness;
  return {
    witness,
    state: { name, url, status: 'NOT_ASKED', size: null, lastSuccess: null, error: null, rolledBack: null },
    failures: 0,
    notBefore: 0,
  };
}

function prefixOf(name: string, url: string): string {
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) {
    throw new MalformedError(`the witness ${name} has no HTTP address: ${url}`);
  }
  return url.replace(/\/+$/, '');
}

function statusOf(error: unknown): WitnessStatus {
  if (error instanceof AheadError) return 'AHEAD';
  return error instanceof DivergedError ? 'DIVERGED' : 'FAILING';
}

/** Doubling from 1 s to 60 s, half of it at random, so that logs that share a witness do not come back together. */
function pauseMs(failures: number): number {
  const ceiling = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 20));
  return ceiling / 2 + (Math.random() * ceiling) / 2;
}

/** The text that is signed; of a note that is none nobody can cosign anything, and the witnesses say so. */
function textOf(note: string): string {
  return note.slice(0, note.lastIndexOf('\n\n') + 1);
}

/** Witnesses that keep up need one and the same proof. */
function proveOnce(prove: Submission['prove']): Submission['prove'] {
  const made = new Map<number, Promise<Buffer[]>>();
  return (from) => {
    const proof = made.get(from) ?? prove(from);
    made.set(from, proof);
    return proof;
  };
}
