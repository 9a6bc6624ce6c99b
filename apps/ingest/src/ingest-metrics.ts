import { REJECTION_CODES } from '#app/contract';
import type { KafkaBatch } from '#app/kafka';
import { Counter, Histogram, type Registry } from 'prom-client';
import type { Recorded } from './record-batch/batch-recorder.js';

const OUTCOMES = ['recorded', 'rejected', 'duplicate'];

/** What an operator watches: throughput, what became of messages, how long the log is locked. */
export class IngestMetrics {
  private readonly messages: Counter<'topic' | 'outcome'>;
  private readonly rejections: Counter<'code'>;
  private readonly batchSize: Histogram;
  private readonly appendSeconds: Histogram;
  private readonly races: Counter;
  private readonly gaps: Counter<'topic' | 'reason'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.messages = new Counter({
      name: 'ledger_ingest_messages_total',
      help: 'Messages by what became of them: recorded, rejected or duplicate',
      labelNames: ['topic', 'outcome'],
      registers,
    });
    this.rejections = new Counter({
      name: 'ledger_ingest_rejections_total',
      help: 'Rejected messages by code',
      labelNames: ['code'],
      registers,
    });
    // A series that begins with its first burst has not increased, for Prometheus: no alert would see it.
    for (const code of Object.keys(REJECTION_CODES)) this.rejections.inc({ code }, 0);
    this.batchSize = new Histogram({
      name: 'ledger_ingest_batch_messages',
      help: 'Messages per transaction',
      buckets: [1, 5, 10, 25, 50, 100, 250, 500, 1000],
      registers,
    });
    this.appendSeconds = new Histogram({
      name: 'ledger_ingest_append_seconds',
      help: 'Time from the append, which takes the lock of the counter, to the end of the commit',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    });
    this.races = new Counter({
      name: 'ledger_ingest_races_lost_total',
      help: 'Batches decided again because a stream or a message was recorded meanwhile',
      registers,
    });
    this.gaps = new Counter({
      name: 'ledger_ingest_delivery_gaps_total',
      help: 'Times that Kafka had lost messages before they were read; each deserves an alarm',
      labelNames: ['topic', 'reason'],
      registers,
    });
  }

  /** Begins what is counted of topics: no alert would see their first messages either. */
  reads(topics: readonly string[]): void {
    for (const topic of topics) for (const outcome of OUTCOMES) this.messages.inc({ topic, outcome }, 0);
  }

  recorded({ topic, messages }: KafkaBatch, { events, rejections, duplicates, appendSeconds }: Recorded): void {
    this.batchSize.observe(messages.length);
    this.appendSeconds.observe(appendSeconds);
    this.messages.inc({ topic, outcome: 'recorded' }, events.length - rejections.length);
    this.messages.inc({ topic, outcome: 'rejected' }, rejections.length);
    this.messages.inc({ topic, outcome: 'duplicate' }, duplicates.length);
    for (const { refusal } of rejections) this.rejections.inc({ code: refusal.code });
  }

  raceLost(): void {
    this.races.inc();
  }

  gap(topic: string, reason: string): void {
    this.gaps.inc({ topic, reason });
  }
}
