import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import { clusterId } from '#app/kafka';
import { createPool, isTransient } from '#app/runtime';
import { type Environment, needDatabase } from '../environment.js';
import { CommandError, EXIT } from '../exit-codes.js';
import type { Output } from '../terminal/output.js';
import { type Broker, type EndOffsets, endOffsets } from './connect.js';

/** What the log made of the messages of one source between two moments. */
export interface Taken {
  recorded: number;
  rejected: number;
  /** Acknowledged by Kafka, neither recorded nor rejected: repetitions. */
  duplicate: number;
}

const POLL_MS = 250;
/** Nothing moved for this long: ingest is down or stuck. A database that restarts is back well within it. */
const STALLED_MS = 90_000;

/** A pool that may read the log and the figures and change neither. */
export function auditPool(environment: Environment): Pool {
  return createPool(needDatabase(environment), {
    role: 'ledger_audit',
    max: 2,
    applicationName: 'ledger-cli',
    statementTimeoutMs: 120_000,
    answerTimeoutMs: 125_000,
  });
}

interface Range {
  topic: string;
  source: string;
  /** End of the topic before and after the messages were sent. */
  from: EndOffsets;
  end: EndOffsets;
  acknowledged: number;
}

type Cursors = ReadonlyMap<number, { id: number; next: number }>;

/** Follows ingest until it has read `topic` from `from` to its end as of now. */
export class LogFollower {
  constructor(
    private readonly target: { broker: Broker; pool: Pool; environment: Environment },
    private readonly output: Output,
  ) {}

  /** @throws CommandError with exit code 3 when the log does not move for a minute and a half */
  async follow(sent: Omit<Range, 'end'>): Promise<Taken> {
    const range = { ...sent, end: await endOffsets(this.target.broker, sent.topic) };
    const cluster = await clusterId(this.target.broker.kafka);
    const total = sum(range.end, (high, partition) => high - (range.from.get(partition) ?? 0));
    const progress = this.output.progress('recording', total, 'messages');
    let best = -1;
    let movedAt = Date.now();
    try {
      for (;;) {
        const cursors = await this.cursors(cluster, range.topic).catch(nullIfTransient);
        const left = sum(range.end, (high, partition) => Math.max(0, high - (cursors?.get(partition)?.next ?? 0)));
        if (cursors !== null && left === 0) {
          progress.update(total);
          return await this.counted(cursors, range);
        }
        // Measured from the start of the topic, so that a backlog before our messages counts as movement too.
        const read = sum(range.end, (high) => high) - left;
        if (cursors !== null && read > best) {
          best = read;
          movedAt = Date.now();
          progress.update(Math.max(0, total - left));
        }
        if (Date.now() - movedAt > STALLED_MS) throw stalled(left);
        await pause(POLL_MS);
      }
    } finally {
      progress.stop();
    }
  }

  private async cursors(cluster: string, topic: string): Promise<Cursors> {
    const { rows } = await this.target.pool.query<{ partition: number; cursor_id: number; next_offset: number }>(
      `SELECT partition, cursor_id, next_offset FROM ledger.kafka_cursor
        WHERE cluster = $1 AND topic = $2 AND consumer_group = $3`,
      [cluster, topic, this.target.environment.consumerGroup],
    );
    return new Map(rows.map((row) => [row.partition, { id: row.cursor_id, next: row.next_offset }]));
  }

  private async counted(cursors: Cursors, { from, end, source, acknowledged }: Range): Promise<Taken> {
    let recorded = 0;
    let rejected = 0;
    for (const [partition, { id }] of cursors) {
      const { rows } = await this.target.pool.query<{ recorded: number; rejected: number }>(
        `SELECT count(*) FILTER (WHERE type <> 'ReportRejected')::int AS recorded,
                count(*) FILTER (WHERE type = 'ReportRejected')::int AS rejected
           FROM ledger.event WHERE cursor_id = $1 AND source_offset >= $2 AND source_offset < $3 AND ce_source = $4`,
        [id, from.get(partition) ?? 0, end.get(partition) ?? 0, source],
      );
      recorded += rows[0]?.recorded ?? 0;
      rejected += rows[0]?.rejected ?? 0;
    }
    return { recorded, rejected, duplicate: Math.max(0, acknowledged - recorded - rejected) };
  }
}

/** A database that is away for a moment is waited for like an ingest that is. */
function nullIfTransient(error: unknown): null {
  if (isTransient(error)) return null;
  throw error;
}

function stalled(left: number): CommandError {
  return new CommandError(
    `The log has not moved for ${STALLED_MS / 1000} s, ${left} messages are still in Kafka: is ingest running? They will be recorded when it is (ledger status).`,
    EXIT.unreachable,
  );
}

function sum(offsets: EndOffsets, measure: (high: number, partition: number) => number): number {
  return [...offsets].reduce((total, [partition, high]) => total + measure(high, partition), 0);
}
