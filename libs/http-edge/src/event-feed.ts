import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from './access/caller.js';
import { EventStream, type ToldFrom } from './event-stream.js';
import { MEDIA_TYPES } from './negotiation.js';
import { Problem } from './problem.js';
import { Turns } from './turns.js';

/** How soon an event is told. */
const LOOK_MS = 200;
/** Each reader costs a connection and, at every event, a query. */
const READERS_MAX = 200;
/** Of one caller, so that nobody takes every place. */
const READERS_OF_ONE = 20;
/** What a timer of Node can wait. */
const TIMER_MAX_MS = 2_147_483_647;
/** Of all readers together: when many catch up, the other connections to the database are for everybody else. */
const READS_AT_ONCE = 2;
const POSITION = /^(?:0|[1-9]\d{0,15}|-1)$/;

/** Those who follow the log by server-sent events. One look at the head of the log serves them all. */
export class EventFeed {
  readonly #streams = new Set<EventStream>();
  /** Subject of a token → streams that it follows. */
  readonly #following = new Map<string, number>();
  readonly #reads = new Turns(READS_AT_ONCE);
  /** Wakes a reader → the position that it has read up to. */
  readonly #waiting = new Map<() => void, number>();
  #running = new Set<Promise<void>>();
  #isLooking = false;
  #isClosing = false;

  /** @param head the last position that can be told; null when there is none */
  constructor(private readonly head: () => Promise<number | null>) {}

  /** @throws Problem TOO_MANY_REQUESTS */
  admit({ caller: { subject } }: Pick<FastifyRequest, 'caller'>): void {
    const own = subject === null ? 0 : (this.#following.get(subject) ?? 0);
    if (!this.#isClosing && this.#streams.size < READERS_MAX && own < READERS_OF_ONE) return;
    throw new Problem('TOO_MANY_REQUESTS', 'too many readers follow', { headers: { 'retry-after': '10' } });
  }

  /**
   * Answers a request with a stream, until one of both ends it.
   *
   * @throws Problem TOO_MANY_REQUESTS
   */
  async answer(request: FastifyRequest, reply: FastifyReply, from: ToldFrom): Promise<void> {
    const headers = { 'content-type': MEDIA_TYPES.sse, 'cache-control': 'no-store' };
    if (request.method === 'HEAD') {
      await reply.headers(headers).send();
      return;
    }
    // Others came while the database was asked: from here on until this reader has his place nothing waits.
    this.admit(request);
    reply.hijack();
    // Proxies must pass events on at once. A connection that outlives its stream would hold up the end of a drain.
    const own = { 'x-accel-buffering': 'no', 'x-request-id': request.id, connection: 'close' };
    reply.raw.writeHead(200, { ...headers, ...own });
    const read: ToldFrom['read'] = (position) => this.#reads.take(() => from.read(position));
    const stream = new EventStream(reply.raw, { ...from, read });
    const release = this.hold(request.caller, stream);
    try {
      await this.serve(stream);
    } catch (error) {
      request.log.error(error, 'a stream of events broke');
      reply.raw.destroy();
    } finally {
      release();
    }
  }

  /** A stream lasts no longer than the token that opened it; with a new one the reader comes back and misses nothing. */
  private hold({ subject, expiresAt }: Caller, stream: EventStream): () => void {
    if (subject === null) return () => undefined;
    this.#following.set(subject, (this.#following.get(subject) ?? 0) + 1);
    const leftMs = Math.min(Math.max((expiresAt ?? 0) - Date.now(), 1_000), TIMER_MAX_MS);
    const timer = setTimeout(() => stream.end(), leftMs);
    return () => {
      clearTimeout(timer);
      const left = (this.#following.get(subject) ?? 1) - 1;
      if (left > 0) this.#following.set(subject, left);
      else this.#following.delete(subject);
    };
  }

  /** Serves a reader until one of both ends it. */
  async serve(stream: EventStream): Promise<void> {
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
  async close(): Promise<void> {
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
      return await this.head();
    } catch {
      return null;
    }
  }
}

/** The position that a reader has come to, by its Last-Event-ID. @throws Problem INVALID_PARAMETER */
export function lastPosition(lastEventId: string | undefined): number | undefined {
  if (lastEventId === undefined || lastEventId === '') return undefined;
  if (!POSITION.test(lastEventId)) throw Problem.invalidParameter('Last-Event-ID', 'must be a position');
  return Number(lastEventId);
}
