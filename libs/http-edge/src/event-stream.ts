import type { ServerResponse } from 'node:http';
import { isTransient } from '#app/runtime';

export interface Patience {
  /** A reader that takes nothing for so long is let go: it can come back with Last-Event-ID and misses nothing. */
  slowMs: number;
  /** A line at least so often, so that proxies and readers know that the connection lives. */
  heartbeatMs: number;
}
const PATIENCE: Patience = { slowMs: 15_000, heartbeatMs: 15_000 };

/** What a reader is told of one position. */
export interface ToldEvent {
  position: number;
  /** JSON in one line. */
  data: string;
}

export interface ToldPage {
  events: readonly ToldEvent[];
  /** Everything up to this position has been read. */
  upTo: number;
  /** More may follow at once. */
  hasMore: boolean;
}

/** Where the events of a stream come from. */
export interface ToldFrom {
  /** Name of the events. */
  event: string;
  /** The reader has everything up to here. */
  position: number;
  /** A page of what follows a position. */
  read: (position: number) => Promise<ToldPage>;
}

/** Waits until something is recorded after what was read, or the time is over. */
export type NextEvent = (upTo: number, ms: number, signal: AbortSignal) => Promise<void>;

/**
 * One reader of server-sent events whose id is the position. What it holds is one page; the next one is read when the
 * reader has taken the last.
 */
export class EventStream {
  readonly #ending = new AbortController();
  #position: number;

  constructor(
    private readonly response: ServerResponse,
    private readonly from: ToldFrom,
    private readonly patience: Patience = PATIENCE,
  ) {
    this.#position = from.position;
    response.once('close', () => this.#ending.abort());
    // Gone while the answer was prepared: 'close' was told to nobody, and this reader would keep its place for ever.
    if (response.destroyed) this.end();
  }

  /** Until the reader goes away or `end` is called. */
  async run(next: NextEvent): Promise<void> {
    // An id without data moves Last-Event-ID and is no event: whoever is cut off before the first one loses nothing.
    await this.write(`retry: 1000\nid: ${this.#position}\n\n`);
    let told = Date.now();
    while (!this.isOver) {
      const { events, upTo, hasMore } = await this.read();
      this.#position = upTo;
      if (events.length > 0) {
        const { event } = this.from;
        await this.write(
          events.map(({ position, data }) => `id: ${position}\nevent: ${event}\ndata: ${data}\n\n`).join(''),
        );
        told = Date.now();
      } else if (Date.now() - told >= this.patience.heartbeatMs) {
        await this.write(`: ${upTo}\nid: ${upTo}\n\n`);
        told = Date.now();
      }
      const restMs = Math.max(0, told + this.patience.heartbeatMs - Date.now());
      if (!hasMore) await next(upTo, restMs, this.#ending.signal);
    }
    this.response.end();
  }

  /** Ends between two events. */
  end(): void {
    this.#ending.abort();
  }

  private get isOver(): boolean {
    return this.#ending.signal.aborted;
  }

  /** The database may be away for a moment: the reader waits with us. */
  private async read(): Promise<ToldPage> {
    try {
      return await this.from.read(this.#position);
    } catch (error) {
      if (!isTransient(error)) throw error;
      return { events: [], upTo: this.#position, hasMore: false };
    }
  }

  private async write(text: string): Promise<void> {
    if (this.response.destroyed || this.response.write(text)) return;
    await new Promise<void>((resolve) => {
      const { response } = this;
      const timer = setTimeout(() => {
        response.destroy();
        this.end();
        done();
      }, this.patience.slowMs);
      const done = (): void => {
        clearTimeout(timer);
        response.off('drain', done).off('close', done);
        resolve();
      };
      response.once('drain', done).once('close', done);
    });
  }
}
