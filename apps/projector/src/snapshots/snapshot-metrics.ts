import { Counter, Gauge, type Registry } from 'prom-client';

/** What an operator watches: snapshots whose figures the log does not vouch for yet, and why. */
export class SnapshotMetrics {
  private readonly waitingFor: Gauge;
  private readonly refusals: Gauge;
  private readonly decisions: Counter;
  private readonly failures: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.waitingFor = new Gauge({
      name: 'ledger_projector_snapshots_waiting',
      help: 'Sealed snapshots whose digests the log does not hold yet',
      registers,
    });
    this.refusals = new Gauge({
      name: 'ledger_projector_snapshots_refused',
      help: 'Of these, those whose digests were refused: see their rejections',
      registers,
    });
    this.decisions = new Counter({
      name: 'ledger_projector_snapshot_digests_sent_total',
      help: 'Decisions with digests of a snapshot that Kafka has acknowledged',
      registers,
    });
    this.failures = new Counter({
      name: 'ledger_projector_snapshot_retries_total',
      help: 'Times that Kafka or PostgreSQL failed while digests were made or sent',
      registers,
    });
  }

  waiting(snapshots: number, refused: number): void {
    this.waitingFor.set(snapshots);
    this.refusals.set(refused);
  }

  sent(): void {
    this.decisions.inc();
  }

  retried(): void {
    this.failures.inc();
  }
}
