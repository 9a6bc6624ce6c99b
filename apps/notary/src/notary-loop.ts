import { setTimeout as sleep } from 'node:timers/promises';
import { CheckFailedError, failure as checkFailure } from '#app/http-edge';
import { DEFAULT_LOG_ID } from '#app/log';
import { errorForLog, faultOf, Leadership } from '#app/runtime';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { Notary, type NotaryParts } from './notary.js';
import { Refusal } from './refusal.js';

const STANDBY_MS = 1000;
const FIRST_PAUSE_MS = 250;
/** Of an error that may pass. */
const LONGEST_RETRY_MS = 10_000;
/** Of a refusal: to look again can mean to read the whole log. */
const LONGEST_REFUSAL_MS = 60_000;
/** A look at what was signed is over by then, unless all tiles are written anew or the disk is slow. */
const LASTING_S = 5;

export type NotaryState =
  | 'STARTING'
  | 'WAITING_FOR_LOG'
  | 'RECOVERING'
  | 'SIGNING'
  | 'STANDBY'
  | 'RETRYING'
  | 'REFUSING'
  | 'STOPPED';

/**
 * Keeps one notary at work for as long as the process lives and leads.
 *
 * Whatever goes wrong, the notary at work is thrown away, and the next one is made out of what was signed before. When that
 * does not fit, it refuses: nothing is signed until somebody has put it right, and it looks again by itself.
 */
export class NotaryLoop implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly stopping = new AbortController();
  private readonly leadership: Leadership;
  private running: Promise<void> = Promise.resolve();
  private notary: Notary | null = null;
  private failures = 0;
  private state: NotaryState = 'STARTING';
  private failure: Error | null = null;
  /** When the notary at work, or the next one, was begun, by the clock that never steps. */
  private openedAt = 0;

  constructor(private readonly parts: Omit<NotaryParts, 'signal'>) {
    this.leadership = new Leadership(parts.pool, { kind: 'notary', logId: DEFAULT_LOG_ID });
  }

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  /** Finishes the checkpoint at hand. */
  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
    this.leadership.release();
    this.state = 'STOPPED';
  }

  /** @throws what keeps it from working at the moment */
  health(): { state: NotaryState; size: number | null } {
    const { state, failure } = this;
    if (failure instanceof Refusal) {
      throw new CheckFailedError(failure.message, { state, code: failure.code, reason: failure.message });
    }
    if (failure !== null) throw checkFailure({ state, ...faultOf(failure) }, failure);
    const seconds = Math.round((performance.now() - this.openedAt) / 1000);
    if (state === 'RECOVERING' && seconds >= LASTING_S) {
      const reason =
        'it holds what was signed against log and tiles, or writes the tiles anew: nothing is signed before';
      throw checkFailure({ state, code: 'NOTARY_RECOVERING', reason, seconds });
    }
    return { state, size: this.notary?.size ?? null };
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const pauseMs = await this.turn();
      if (pauseMs > 0) await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** One step; how long to wait before the next. */
  private async turn(): Promise<number> {
    try {
      const pauseMs = await this.step();
      this.failures = 0;
      this.failure = null;
      return pauseMs;
    } catch (error) {
      return this.stopping.signal.aborted ? 0 : this.failed(error);
    }
  }

  private async step(): Promise<number> {
    if (!(await this.leadership.take())) return this.standBy();
    if (this.notary === null) {
      if (this.failure === null) this.state = 'RECOVERING';
      this.openedAt = performance.now();
      this.notary = await Notary.open({ ...this.parts, signal: this.stopping.signal });
      if (this.notary === null) {
        this.state = 'WAITING_FOR_LOG'; // ingest has not made it yet
        return STANDBY_MS;
      }
    }
    const pauseMs = await this.notary.turn();
    this.lead(this.notary);
    return pauseMs;
  }

  private lead({ size }: Notary): void {
    if (this.state === 'SIGNING') return;
    this.state = 'SIGNING';
    this.parts.metrics.leads(true);
    this.parts.metrics.refuses(null);
    this.parts.logger.info({ origin: this.parts.signer.origin, size }, 'this notary signs');
  }

  private standBy(): number {
    if (this.state !== 'STANDBY') this.parts.logger.info('another notary signs: this one waits');
    this.state = 'STANDBY';
    this.notary = null;
    this.parts.metrics.leads(false);
    this.parts.metrics.refuses(null);
    return STANDBY_MS;
  }

  private failed(error: unknown): number {
    const failure = error instanceof Error ? error : new Error(String(error));
    const isTold = failure.message === this.failure?.message;
    this.failure = failure;
    this.notary = null;
    const { metrics, logger } = this.parts;
    metrics.leads(false);
    if (failure instanceof Refusal) {
      this.state = 'REFUSING';
      // Another notary may have the folder or the key that this one has not.
      this.leadership.release();
      metrics.refuses(failure.code);
      if (!isTold) logger.error({ code: failure.code, reason: failure.message }, 'the notary refuses to sign');
      return this.pauseMs(LONGEST_REFUSAL_MS);
    }
    this.state = 'RETRYING';
    metrics.retried();
    const pauseMs = this.pauseMs(LONGEST_RETRY_MS);
    logger.warn({ err: errorForLog(error), retryInMs: pauseMs }, 'the notary begins again at what was signed');
    return pauseMs;
  }

  private pauseMs(longestMs: number): number {
    return Math.min(longestMs, FIRST_PAUSE_MS * 2 ** Math.min(this.failures++, 16));
  }
}
