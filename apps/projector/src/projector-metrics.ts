import type { StepOutcome } from '#app/read-models';
import { gaugesReadTogether } from '#app/runtime';
import type { Pool } from 'pg';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** How far the figures are behind the log: in events, and in seconds since the oldest of these was recorded. */
export interface Lag {
  position: number;
  events: number;
  seconds: number;
}

const LAG = `
SELECT g.position::float8 AS position,
       greatest(h.next_position - 1 - g.position, 0)::float8 AS events,
       coalesce(extract(epoch FROM ledger.clock() - e.recorded_at), 0)::float8 AS seconds
  FROM read_model.generation g
  JOIN ledger.head h ON h.log_id = 1
  LEFT JOIN ledger.event e ON e.log_id = h.log_id AND e.position = g.position + 1
 WHERE g.status = 'LIVE'`;

/** Null before the log is created. */
async function readLag(pool: Pool): Promise<Lag | null> {
  const { rows } = await pool.query<Lag>(LAG);
  return rows[0] ?? null;
}

/** What an operator watches: how far behind, how much at once, and whether it stands still. */
export class ProjectorMetrics {
  private readonly events: Counter;
  private readonly postings: Counter;
  private readonly batchEvents: Histogram;
  private readonly batchSeconds: Histogram;
  private readonly retries: Counter<'reason'>;
  private readonly stoppedAfter: Gauge;

  constructor(registry: Registry, pool: Pool) {
    const registers = [registry];
    this.events = counter('ledger_projector_events_total', 'Events projected', registers);
    this.postings = counter('ledger_projector_postings_total', 'Postings written', registers);
    this.batchEvents = new Histogram({
      name: 'ledger_projector_batch_events',
      help: 'Events per transaction',
      buckets: [1, 5, 10, 25, 50, 100, 250, 500, 1000, 2000],
      registers,
    });
    this.batchSeconds = new Histogram({
      name: 'ledger_projector_batch_seconds',
      help: 'Time from reading a batch to the end of its commit',
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    });
    this.retries = new Counter({
      name: 'ledger_projector_retries_total',
      help: 'Batches tried again: lost = another projector or a switch was first; failed = an error',
      labelNames: ['reason'],
      registers,
    });
    for (const reason of ['lost', 'failed']) this.retries.inc({ reason }, 0);
    this.stoppedAfter = new Gauge({
      name: 'ledger_projector_stopped_after_position',
      help: 'The last position before the event that cannot be projected; -1 while it runs',
      registers,
    });
    this.stoppedAfter.set(-1);
    registerLag(registers, pool);
  }

  projected({ events, postings }: StepOutcome & { kind: 'PROJECTED' }, seconds: number): void {
    this.events.inc(events);
    this.postings.inc(postings);
    this.batchEvents.observe(events);
    this.batchSeconds.observe(seconds);
  }

  retried(reason: 'lost' | 'failed'): void {
    this.retries.inc({ reason });
  }

  stopped(position: number): void {
    this.stoppedAfter.set(position);
  }
}

function counter(name: string, help: string, registers: Registry[]): Counter {
  return new Counter({ name, help, registers });
}

function registerLag(registers: Registry[], pool: Pool): void {
  gaugesReadTogether(registers, () => readLag(pool), {
    events: ['ledger_projection_lag_events', 'Events not yet projected'],
    seconds: ['ledger_projection_lag_seconds', 'Age of the oldest event not yet projected'],
    position: ['ledger_projection_position', 'Last position projected'],
  });
}
