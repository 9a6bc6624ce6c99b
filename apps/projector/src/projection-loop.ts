import { setTimeout as pause } from 'node:timers/promises';
import { LiveProjection, LogGapError, type StepOutcome, UnfoldableEventError } from '#app/read-models';
import { failure } from '#app/http-edge';
import { FaultWatch, isTransient } from '#app/runtime';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { BackOff } from './back-off.js';
import type { ProjectorCrashAt } from './crash-points.js';
import type { ProjectorMetrics } from './projector-metrics.js';

/** An error of no known kind may pass (a deployment in between); after this many in a row it is taken for permanent. */
const UNKNOWN_ERRORS_MAX = 5;
/** What passes within moments is no news. */
const LASTING_S = 5;

/**
 * Follows the log for as long as the process lives.
 *
 * Three classes of faults: what passes by itself is tried again for ever; an event that cannot be read or folded stops
 * the projector at once and for good, because every figure after it would be wrong; what is unknown is tried a few times.
 */
export class ProjectionLoop implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly projection: LiveProjection;
  /** A poll costs one index look-up: often while events come, a few times a second when none do. */
  private readonly idle = new BackOff(10, 150, 1.5);
  private readonly failing = new BackOff(100, 5_000, 2);
  private readonly stopping = new AbortController();
  private readonly watch = new FaultWatch();
  private running: Promise<void> = Promise.resolve();
  private unknownErrors = 0;
  private checkpoint = -1;
  private fatal: Error | null = null;

  constructor(
    pool: Pool,
    private readonly parts: { metrics: ProjectorMetrics; logger: Logger; crashAt: ProjectorCrashAt },
  ) {
    this.projection = new LiveProjection(pool, parts.crashAt);
  }

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  /** Finishes the batch at hand. */
  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** @throws CheckFailedError: what stopped the projector for good, or has kept it from working for a while */
  health(): { position: number } {
    if (this.fatal !== null) {
      const reason = `it stands still after position ${this.checkpoint}: the next event cannot be projected`;
      throw failure({ code: 'PROJECTOR_STOPPED', reason, position: this.checkpoint }, this.fatal);
    }
    const fault = this.watch.lasting(LASTING_S);
    if (fault !== null) throw failure({ ...fault, position: this.checkpoint });
    return { position: this.checkpoint };
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted && this.fatal === null) {
      const pauseMs = await this.turn();
      if (pauseMs > 0) await pause(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** One step; how long to wait before the next. */
  private async turn(): Promise<number> {
    const startedAt = performance.now();
    try {
      const outcome = await this.projection.step();
      this.failing.reset();
      this.unknownErrors = 0;
      this.watch.worked();
      return this.took(outcome, (performance.now() - startedAt) / 1000);
    } catch (error) {
      return this.failed(error);
    }
  }

  private took(outcome: StepOutcome, seconds: number): number {
    if (outcome.kind === 'LOST') {
      this.parts.metrics.retried('lost');
      return this.idle.firstMs;
    }
    this.checkpoint = outcome.position;
    if (outcome.kind === 'IDLE') return this.idle.next();
    this.idle.reset();
    this.parts.metrics.projected(outcome, seconds);
    this.tell(outcome, seconds);
    return 0;
  }

  private tell({ traces, ...batch }: StepOutcome & { kind: 'PROJECTED' }, seconds: number): void {
    const { generation, position, events, postings, recordedAt } = batch;
    const lagMs = Date.now() - recordedAt.getTime();
    const ms = Math.round(seconds * 1000);
    this.parts.logger.info({ generation, position, events, postings, ms, lagMs }, 'batch projected');
    if (!this.parts.logger.isLevelEnabled('debug')) return;
    for (const trace of traces) this.parts.logger.debug(trace, 'event projected');
  }

  private failed(error: unknown): number {
    this.parts.metrics.retried('failed');
    this.watch.failed(error);
    const passes = isTransient(error);
    if (!passes) this.unknownErrors += 1;
    const isPermanent = error instanceof UnfoldableEventError || error instanceof LogGapError;
    if (isPermanent || this.unknownErrors >= UNKNOWN_ERRORS_MAX) {
      this.fatal = error instanceof Error ? error : new Error(String(error));
      this.parts.metrics.stopped(this.checkpoint);
      this.parts.logger.fatal(
        {
          err: error,
          after: this.checkpoint,
          position: error instanceof UnfoldableEventError ? error.position : undefined,
        },
        'the projector has stopped: no event is left out, so no figure moves until this is mended',
      );
      return 0;
    }
    const pauseMs = this.failing.next();
    this.parts.logger.warn(
      { err: error, after: this.checkpoint, retryInMs: pauseMs },
      'a batch failed and will be tried again',
    );
    return pauseMs;
  }
}
