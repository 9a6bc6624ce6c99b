import { setTimeout as sleep } from 'node:timers/promises';
import { TOPICS } from '#app/contract';
import { clusterId, createProducer, type Kafka, type Producer } from '#app/kafka';
import { advanceCursor, loadCursors } from '#app/log';
import { type Fault, FaultWatch } from '#app/runtime';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { IngestCrashAt } from '../crash-points.js';
import { noticeOf, type RejectionToTell } from './notice.js';

const BATCH = 200;
const IDLE_MS = 500;
const RETRY_MS = 3000;
const LASTING_S = 10;
const GROUP = 'rejection-notices';

const READ_NEXT = `
  SELECT e.position, e.event_id AS "eventId", r.rejection_id AS rejection, r.stage, r.code, r.problems,
         r.ce_source AS "ceSource", r.ce_id AS "ceId", c.topic, c.partition, r.source_offset AS "offset",
         r.source_timestamp AS "timestamp"
    FROM ledger.event e
    JOIN ledger.rejection r ON r.rejection_id = e.stream_id
    JOIN ledger.kafka_cursor c ON c.cursor_id = r.cursor_id
   WHERE e.log_id = $1 AND e.type = 'ReportRejected' AND e.position >= $2
   ORDER BY e.position LIMIT $3`;

/**
 * Tells publishers what was refused: follows the log by position and sends a notice for each ReportRejected.
 *
 * How far it has told is a row of ledger.kafka_cursor, whose "offset" is the next position to look at. It moves after
 * the broker has the notices, so each is sent at least once; of two processes one moves it, and both may have sent.
 */
export class RejectionNotices {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private producer: Producer | null = null;
  private readonly watch = new FaultWatch();

  constructor(
    private readonly pool: Pool,
    private readonly parts: { kafka: Kafka; logger: Logger; logId: number; crashAt: IngestCrashAt },
  ) {}

  /** What has kept notices from being sent for a while; null: nothing has. */
  fault(): Fault | null {
    return this.watch.lasting(LASTING_S);
  }

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
    await this.producer?.close().catch(() => undefined);
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    let cluster: string | null = null;
    while (!signal.aborted) {
      let wait = IDLE_MS;
      try {
        cluster ??= await clusterId(this.parts.kafka);
        if ((await this.tellNext(cluster)) === BATCH) wait = 0;
        this.watch.worked();
      } catch (error) {
        wait = RETRY_MS;
        this.watch.failed(error);
        // One that has failed sends nothing more.
        await this.producer?.close().catch(() => undefined);
        this.producer = null;
        this.parts.logger.warn({ reason: error instanceof Error ? error.message : String(error) }, 'notices wait');
      }
      await sleep(wait, undefined, { signal }).catch(() => undefined);
    }
  }

  private async tellNext(cluster: string): Promise<number> {
    const key = { cluster, topic: TOPICS.REJECTED, partition: 0, group: GROUP };
    const [cursor] = await loadCursors(this.pool, [key]);
    if (cursor === undefined) return 0;
    const { cursorId, nextOffset: from } = cursor;
    const { rows } = await this.pool.query<RejectionToTell>(READ_NEXT, [this.parts.logId, from, BATCH]);
    const last = rows.at(-1);
    if (last === undefined) return 0;
    this.producer ??= await createProducer(this.parts.kafka);
    await this.producer.send(TOPICS.REJECTED, rows.map(noticeOf));
    this.parts.crashAt('after-notices');
    await advanceCursor(this.pool, cursorId, { from, to: last.position + 1 });
    return rows.length;
  }
}
