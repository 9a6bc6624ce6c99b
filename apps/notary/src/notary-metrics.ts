import { DEFAULT_LOG_ID } from '#app/log';
import { gaugesReadTogether } from '#app/runtime';
import type { Pool } from 'pg';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { RefusalCode } from './refusal.js';
import type { WitnessState, WitnessStatus } from './witnesses/witnesses.js';

/** How far the published checkpoint is behind the log: in events, and in seconds since the oldest of these was recorded. */
interface Lag {
  size: number;
  events: number;
  seconds: number;
}

const LAG = `
SELECT p.size::float8 AS size, greatest(h.next_position - p.size, 0)::float8 AS events,
       coalesce(extract(epoch FROM ledger.clock() - e.recorded_at), 0)::float8 AS seconds
  FROM ledger.head h
 CROSS JOIN LATERAL (
       SELECT coalesce((SELECT c.size FROM notary.checkpoint c
                         WHERE c.log_id = h.log_id AND c.published_at IS NOT NULL ORDER BY c.size DESC LIMIT 1), 0) AS size) p
  LEFT JOIN ledger.event e ON e.log_id = h.log_id AND e.position = p.size
 WHERE h.log_id = $1`;

/** What an operator watches: how far behind, who signs, why not, what the witnesses do. */
export class NotaryMetrics {
  private readonly leaves: Counter;
  private readonly retries: Counter;
  private readonly leading: Gauge;
  private readonly refusal: Gauge;
  private readonly checkpoints: Counter;
  private readonly signedAt: Gauge;
  private readonly quorum: Gauge;

  constructor(registry: Registry, pool: Pool) {
    const registers = [registry];
    this.leaves = new Counter({ name: 'ledger_notary_leaves_total', help: 'Leaves hashed into the tree', registers });
    this.retries = new Counter({
      name: 'ledger_notary_retries_total',
      help: 'Times that PostgreSQL or the disk failed and the notary began again at what was signed',
      registers,
    });
    this.leading = new Gauge({
      name: 'ledger_notary_leading',
      help: '1: this notary signs; 0: it does not',
      registers,
    });
    this.refusal = new Gauge({
      name: 'ledger_notary_refusing',
      help: '1: this notary refuses to sign, for the reason in the label code',
      labelNames: ['code'],
      registers,
    });
    this.checkpoints = new Counter({ name: 'ledger_notary_checkpoints_total', help: 'Checkpoints signed', registers });
    this.signedAt = new Gauge({
      name: 'ledger_notary_last_signed_timestamp_seconds',
      help: 'When this process signed last, in seconds since 1970',
      registers,
    });
    this.quorum = new Gauge({
      name: 'ledger_notary_quorum_reached',
      help: '1: the published checkpoint has the cosignatures that the policy asks for',
      registers,
    });
    registerLag(registers, pool);
  }

  /** Reads the states of the witnesses whenever somebody scrapes. */
  watch(registry: Registry, states: () => readonly WitnessState[]): void {
    const statuses: readonly WitnessStatus[] = ['NOT_ASKED', 'COSIGNING', 'FAILING', 'AHEAD', 'DIVERGED'];
    const gauge = new Gauge({
      name: 'ledger_notary_witness_state',
      help: '1 for the state that a witness is in',
      labelNames: ['witness', 'state'],
      registers: [registry],
      collect() {
        for (const { name, status } of states()) {
          for (const one of statuses) this.set({ witness: name, state: one }, one === status ? 1 : 0);
        }
      },
    });
    const sizes = new Gauge({
      name: 'ledger_notary_witness_size',
      help: 'The largest size that a witness has cosigned, as far as is known',
      labelNames: ['witness'],
      registers: [registry],
      collect() {
        for (const { name, size } of states()) this.set({ witness: name }, size ?? 0);
      },
    });
    gauge.reset();
    sizes.reset();
  }

  hashed(leaves: number): void {
    this.leaves.inc(leaves);
  }

  retried(): void {
    this.retries.inc();
  }

  leads(isLeading: boolean): void {
    this.leading.set(isLeading ? 1 : 0);
  }

  /** @param code null: it does not refuse any more */
  refuses(code: RefusalCode | null): void {
    this.refusal.reset();
    if (code !== null) this.refusal.set({ code }, 1);
  }

  signed(): void {
    this.checkpoints.inc();
    this.signedAt.setToCurrentTime();
  }

  published({ isWitnessed }: { isWitnessed: boolean }): void {
    this.quorum.set(isWitnessed ? 1 : 0);
  }
}

function registerLag(registers: Registry[], pool: Pool): void {
  gaugesReadTogether(registers, async () => (await pool.query<Lag>(LAG, [DEFAULT_LOG_ID])).rows[0] ?? null, {
    events: ['ledger_notary_lag_events', 'Events that no published checkpoint covers'],
    seconds: ['ledger_notary_lag_seconds', 'Age of the oldest event that no published checkpoint covers'],
    size: ['ledger_notary_published_size', 'Leaves under the published checkpoint'],
  });
}
