import { setTimeout as sleep } from 'node:timers/promises';
import { eventSourceOf, TOPICS } from '#app/contract';
import { backOffMs, clusterId, createProducer, type Kafka, type Producer } from '#app/kafka';
import { DEFAULT_LOG_ID, findHead, type Leaf, parseLeaf, readEvents, type RecordedRow } from '#app/log';
import { failure } from '#app/http-edge';
import { errorForLog, faultOf, Leadership } from '#app/runtime';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { moveCheckpoint, readCheckpoint, type Route } from './checkpoint.js';
import { chunksOf } from './chunks.js';
import { cloudEventOf } from './cloud-event.js';
import type { RelayCrashAt } from './crash-points.js';
import type { RelayMetrics } from './relay-metrics.js';

/** Events read at once: the most that is in memory. A leaf has at most 60 KiB. */
const PAGE = 500;
/** Well below max.message.bytes, which holds for what one request carries for one partition. */
const REQUEST_BYTES = 1024 * 1024;
const IDLE_MS = 100;
const STANDBY_MS = 1000;

export type RelayState = 'STARTING' | 'WAITING_FOR_LOG' | 'LEADING' | 'STANDBY' | 'RETRYING' | 'STOPPED';

/**
 * Hands every recorded event on to `conflict.events.v1`, in the order of the log, for as long as the process lives.
 *
 * The checkpoint moves after the brokers have acknowledged everything up to it, so that each event arrives at least once;
 * after a crash the last page arrives again. Whatever goes wrong is tried again, from the checkpoint, with a new producer:
 * nothing is ever left out.
 *
 * A relay that has lost the lead unawares may still be sending when the next one leads. That is harmless: both send in order
 * from a checkpoint before which everything was sent, so of every key the first copy of an event never comes before the first
 * copy of the one before it; and the compare-and-set on the checkpoint stops the one that is behind.
 */
export class RelayLoop implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly stopping = new AbortController();
  private readonly leadership: Leadership;
  private running: Promise<void> = Promise.resolve();
  private producer: Producer | null = null;
  private route: Route | null = null;
  private source: string | null = null;
  /** Known while leading; null: to be read. */
  private checkpoint: number | null = null;
  private failures = 0;
  private state: RelayState = 'STARTING';
  private failure: Error | null = null;

  constructor(
    private readonly pool: Pool,
    private readonly kafka: Kafka,
    private readonly parts: { metrics: RelayMetrics; logger: Logger; crashAt: RelayCrashAt },
  ) {
    this.leadership = new Leadership(pool, { kind: 'relay', logId: DEFAULT_LOG_ID });
  }

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  /** Finishes the page at hand. */
  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
    await this.dropProducer();
    this.leadership.release();
    this.state = 'STOPPED';
  }

  /** @throws CheckFailedError: what keeps it from working at the moment */
  health(): { state: RelayState; position: number | null } {
    const { state, failure: error } = this;
    if (error !== null) throw failure({ state, ...faultOf(error) }, error);
    // The first look at Kafka and the database is not over: nobody knows yet whether it can work.
    if (state === 'STARTING') throw failure({ state, code: 'RELAY_STARTING', reason: 'it has not reached Kafka yet' });
    return { state: this.state, position: this.checkpoint };
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
      return this.failed(error);
    }
  }

  private async step(): Promise<number> {
    if (!(await this.leadership.take())) return this.standBy();
    this.route ??= { logId: DEFAULT_LOG_ID, cluster: await clusterId(this.kafka), topic: TOPICS.EVENTS };
    this.source ??= await this.readSource();
    if (this.source === null) {
      this.state = 'WAITING_FOR_LOG'; // ingest has not made it yet
      return STANDBY_MS;
    }
    this.checkpoint ??= await readCheckpoint(this.pool, this.route);
    this.lead();
    const after = this.checkpoint;
    const page = await readEvents(this.pool, { after, limit: PAGE });
    if (page.length === 0) return IDLE_MS;
    this.parts.crashAt('after-reading');
    const to = await this.handOn(page, { after, source: this.source });
    this.parts.crashAt('after-sending');
    if (await moveCheckpoint(this.pool, this.route, { from: after, to })) {
      this.parts.crashAt('after-checkpoint');
      this.checkpoint = to;
      this.parts.metrics.relayed(page.length);
      this.parts.logger.debug({ position: to, events: page.length }, 'events handed on');
    } else {
      this.parts.logger.warn({ after }, 'another relay has moved the checkpoint: reading it again');
      this.checkpoint = null;
    }
    return page.length === PAGE ? 0 : IDLE_MS;
  }

  /** Sends a page and resolves with its last position when the brokers have all of it. */
  private async handOn(
    page: readonly RecordedRow[],
    { after, source }: { after: number; source: string },
  ): Promise<number> {
    const messages = page.map((row, index) => {
      if (row.position !== after + 1 + index) {
        throw new Error(`event ${after + 1 + index} is missing: the log has ${row.position} in its place`);
      }
      // Only the envelope is read: an event of a kind that is newer than this relay is handed on as well.
      return cloudEventOf(JSON.parse(row.leaf) as Leaf, { text: row.leaf, type: row.type, source });
    });
    this.producer ??= await createProducer(this.kafka);
    for (const chunk of chunksOf(messages, REQUEST_BYTES)) {
      await this.producer.send(TOPICS.EVENTS, chunk);
      this.parts.crashAt('after-chunk');
    }
    return after + page.length;
  }

  /** The `source` of our CloudEvents: where the log is published. Null before the log is made. */
  private async readSource(): Promise<string | null> {
    if ((await findHead(this.pool, DEFAULT_LOG_ID)) === null) return null;
    const [first] = await readEvents(this.pool, { after: -1, limit: 1 });
    if (first === undefined) return null;
    const leaf = parseLeaf(first.leaf);
    if (leaf.type !== 'LogCreated') throw new Error(`the first event is ${leaf.type}, not LogCreated`);
    return eventSourceOf(leaf.data.origin);
  }

  private lead(): void {
    if (this.state === 'LEADING') return;
    this.state = 'LEADING';
    this.parts.metrics.leads(true);
    this.parts.logger.info({ ...this.route, after: this.checkpoint }, 'this relay leads');
  }

  private standBy(): number {
    if (this.state !== 'STANDBY') this.parts.logger.info('another relay leads: this one waits');
    this.state = 'STANDBY';
    this.parts.metrics.leads(false);
    this.checkpoint = null;
    return STANDBY_MS;
  }

  private async failed(error: unknown): Promise<number> {
    this.failure = error instanceof Error ? error : new Error(String(error));
    this.state = 'RETRYING';
    this.parts.metrics.retried();
    const pauseMs = backOffMs(this.failures++);
    this.parts.logger.warn(
      { err: errorForLog(error), after: this.checkpoint, retryInMs: pauseMs },
      'the relay tries again',
    );
    // The checkpoint may have moved though its answer was lost, and the cluster may be another one by now.
    this.checkpoint = null;
    this.route = null;
    await this.dropProducer();
    return pauseMs;
  }

  private async dropProducer(): Promise<void> {
    const { producer } = this;
    this.producer = null;
    await producer?.close().catch(() => undefined);
  }
}
