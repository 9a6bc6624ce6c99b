import { randomUUID } from 'node:crypto';
import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import pg from 'pg';
import { replay } from '#app/read-models';
import { errorForLog } from '#app/runtime';
import { type AuditCrashAt, CRASH_AT } from '../crash-points.js';
import { failInterrupted, failReplay, finishReplay, noteProgress, type Replay, startReplay } from './replay-rows.js';

/** Runs replays in the background, one at a time; what they find stays in scratch.replay. */
@Injectable()
export class ReplayRunner implements OnApplicationBootstrap {
  private readonly log = new Logger('replay');
  private running: Promise<void> = Promise.resolve();
  private readonly stopping = new AbortController();

  constructor(
    @Inject(pg.Pool) private readonly pool: pg.Pool,
    @Inject(CRASH_AT) private readonly crashAt: AuditCrashAt,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    // The database may still be on its way up; then there is nothing to tidy that the next start would not tidy.
    await failInterrupted(this.pool).catch((error: unknown) => this.log.warn({ err: error }));
  }

  /** @returns null when one is running already */
  async start(upTo: number): Promise<Replay | null> {
    const started = await startReplay(this.pool, { id: randomUUID(), upTo });
    if (started !== null) this.running = this.run(started);
    return started;
  }

  async stop(): Promise<void> {
    this.stopping.abort(new Error('audit-api is shutting down'));
    await this.running;
  }

  private async run({ id, upTo }: Replay): Promise<void> {
    this.crashAt('replay-begun');
    try {
      const outcome = await replay({
        pool: this.pool,
        upTo,
        signal: this.stopping.signal,
        onProgress: ({ done }) => void noteProgress(this.pool, id, done).catch(() => undefined),
      });
      this.crashAt('replay-compared');
      await finishReplay(this.pool, id, outcome);
      this.crashAt('replay-finished');
      this.log.log({ msg: 'replay done', replay: id, upTo, differing: outcome.differing });
    } catch (error) {
      this.log.error({ msg: 'replay failed', replay: id, upTo, err: error });
      await failReplay(this.pool, id, errorForLog(error).message).catch(() => undefined);
    }
  }
}
