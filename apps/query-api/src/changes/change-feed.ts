import { setTimeout as delay } from 'node:timers/promises';
import { resolveAsOf } from '#app/read-models';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { ReadDatabase } from '../database/read-database.js';
import type { ChangeStream } from './change-stream.js';

/** How soon a change is told. */
const LOOK_MS = 200;
/** Each reader costs a connection and, at every change, a query. */
const READERS_MAX = 200;

/** The readers of the changes. One look at the head of the log serves them all. */
@Injectable()
export class ChangeFeed implements OnModuleDestroy {
  readonly #streams = new Set<ChangeStream>();
  /** Wakes a reader → the position that it has read up to. */
  readonly #waiting = new Map<() => void, number>();
  #running = new Set<Promise<void>>();
  #isLooking = false;
  #isClosing = false;

  constructor(private readonly database: ReadDatabase) {}

  get isFull(): boolean {
    return this.#isClosing || this.#streams.size >= READERS_MAX;
  }

  /** Serves a reader until one of both ends it. */
  async serve(stream: ChangeStream): Promise<void> {
    this.#streams.add(stream);
    const run = stream.run((upTo, ms, signal) => this.next(upTo, ms, signal));
    this.#running.add(run);
    try {
      await run;
    } finally {
      this.#streams.delete(stream);
      this.#running.delete(run);
    }
  }

  /** Draining: every reader's answer ends after a whole event, before connections are closed. */
  async onModuleDestroy(): Promise<void> {
    this.#isClosing = true;
    for (const stream of this.#streams) stream.end();
    await Promise.race([Promise.allSettled(this.#running), delay(2_000, undefined, { ref: false })]);
  }

  private async next(upTo: number, ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    void this.look();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, ms);
      const waiting = this.#waiting;
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        waiting.delete(done);
        resolve();
      }
      signal.addEventListener('abort', done, { once: true });
      waiting.set(done, upTo);
    });
  }

  /** Looks at the head while somebody waits, and wakes all who have not read up to it. */
  private async look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    do {
      const head = await this.headNow();
      for (const [wake, upTo] of this.#waiting) if (head !== null && head > upTo) wake();
      await delay(LOOK_MS, undefined, { ref: false });
    } while (this.#waiting.size > 0);
    this.#isLooking = false;
  }

  /** Null when the database does not answer: there is nothing to tell, and the next look follows. */
  private async headNow(): Promise<number | null> {
    try {
      const head = await this.database.read((tx) => resolveAsOf(tx, { kind: 'head' }));
      return head.kind === 'found' ? head.asOf.position : null;
    } catch {
      return null;
    }
  }
}
