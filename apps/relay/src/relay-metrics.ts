import { TOPICS } from '#app/contract';
import { DEFAULT_LOG_ID } from '#app/log';
import { gaugesReadTogether } from '#app/runtime';
import type { Pool } from 'pg';
import { Counter, Gauge, type Registry } from 'prom-client';

/** How far the topic is behind the log: in events, and in seconds since the oldest of these was recorded. */
interface Lag {
  position: number;
  events: number;
  seconds: number;
}

/** Of the cluster that was served last: an abandoned one is not behind, it is gone. */
const LAG = `
SELECT c.position::float8 AS position,
       greatest(h.next_position - 1 - c.position, 0)::float8 AS events,
       coalesce(extract(epoch FROM ledger.clock() - e.recorded_at), 0)::float8 AS seconds
  FROM relay.checkpoint c
  JOIN ledger.head h USING (log_id)
  LEFT JOIN ledger.event e ON e.log_id = h.log_id AND e.position = c.position + 1
 WHERE c.log_id = $1 AND c.topic = $2
 ORDER BY c.updated_at DESC LIMIT 1`;

/** What an operator watches: how far behind, who leads, how often it had to try again. */
export class RelayMetrics {
  private readonly events: Counter;
  private readonly retries: Counter;
  private readonly leading: Gauge;

  constructor(registry: Registry, pool: Pool) {
    const registers = [registry];
    this.events = new Counter({
      name: 'ledger_relay_events_total',
      help: 'Events that Kafka acknowledged and the checkpoint covers',
      registers,
    });
    this.retries = new Counter({
      name: 'ledger_relay_retries_total',
      help: 'Times that Kafka or PostgreSQL failed and the relay began again at its checkpoint',
      registers,
    });
    this.leading = new Gauge({ name: 'ledger_relay_leading', help: '1: this relay sends; 0: it waits', registers });
    registerLag(registers, pool);
  }

  relayed(events: number): void {
    this.events.inc(events);
  }

  retried(): void {
    this.retries.inc();
  }

  leads(isLeading: boolean): void {
    this.leading.set(isLeading ? 1 : 0);
  }
}

function registerLag(registers: Registry[], pool: Pool): void {
  gaugesReadTogether(
    registers,
    async () => (await pool.query<Lag>(LAG, [DEFAULT_LOG_ID, TOPICS.EVENTS])).rows[0] ?? null,
    {
      events: ['ledger_relay_lag_events', 'Events not yet handed on'],
      seconds: ['ledger_relay_lag_seconds', 'Age of the oldest event not yet handed on'],
      position: ['ledger_relay_position', 'Last position handed on'],
    },
  );
}
