import type { Report } from '#app/domain';
import {
  appendEvents,
  contentDigest,
  createLog,
  DEFAULT_LOG_ID,
  EventPartitions,
  identityOf,
  incidentIdOf,
  type LogSecrets,
  loadSecrets,
  MasterKey,
  type PreparedEvent,
  prepareEvent,
  splitReport,
} from '#app/log';
import { createPool, withTransaction } from '#app/runtime';
import type { Pool } from 'pg';
import { LOG_OPTIONS } from '../support/log.js';
import { benchReport, seeded } from './reports.js';

const BATCH = 500;

interface Parts {
  pool: Pool;
  log: string;
  masterKey: MasterKey;
  secrets: LogSecrets;
  partitions: EventPartitions;
}

/** Writes events of the usual shape and size into a log of its own, in the way of ingest but for Kafka. */
export class EventWriter {
  private readonly random = seeded(20_261_124);
  private readonly versions = new Map<string, number>();
  private written = 0;

  private constructor(private readonly parts: Parts) {}

  /** Makes the log. */
  static async start(databaseUrl: string): Promise<EventWriter> {
    const pool = createPool(databaseUrl, { role: 'ledger_ingest', max: 2 });
    const masterKey = new MasterKey(Buffer.alloc(32, 7));
    const { log } = await createLog(pool, { ...LOG_OPTIONS, masterKey });
    const partitions = new EventPartitions(pool);
    await partitions.prepareFor();
    return new EventWriter({ pool, log, masterKey, secrets: await loadSecrets(pool, masterKey), partitions });
  }

  async close(): Promise<void> {
    await this.parts.pool.end();
  }

  /** Appends so many reports in batches as ingest's. @param isDurable each commit waits for the disk */
  async append(count: number, { isDurable = true } = {}): Promise<void> {
    const begin = isDurable ? 'BEGIN' : 'BEGIN; SET LOCAL synchronous_commit = off';
    for (let left = count; left > 0; left -= BATCH) {
      const events = this.prepare(Math.min(BATCH, left));
      const { first } = await withTransaction(this.parts.pool, (tx) => appendEvents(tx, DEFAULT_LOG_ID, events), begin);
      await this.parts.partitions.prepareFor(first + events.length - 1);
    }
  }

  /** The next events, not yet appended. */
  prepare(count: number): PreparedEvent[] {
    return Array.from({ length: count }, () => this.next());
  }

  private next(): PreparedEvent {
    const index = this.written++;
    const { event } = benchReport(index, this.random);
    const {
      id: ceId,
      source: ceSource,
      type,
      data,
    } = event as { id: string; source: string; type: string; data: Report };
    const { public: report, committed } = splitReport(data, this.parts.secrets.pseudonymKey);
    const stream = incidentIdOf(ceSource, report.incident.ref as string);
    const streamVersion = (this.versions.get(stream) ?? 0) + 1;
    // An incident gets its second report right after the first, and none later.
    if (streamVersion === 1) this.versions.set(stream, 1);
    else this.versions.delete(stream);
    const { start, end, precision } = report.occurred;
    const placement = { admin1: null, admin2: null, admin3: null, country: 'IQ', precision: 'SETTLEMENT' as const };
    return prepareEvent(
      {
        type: 'ReportRecorded',
        data: { report, disposition: 'APPLIED', placements: { 'iso-3166': placement }, flags: [] },
        stream,
        streamVersion,
        actor: ceSource,
        occurred: { start, end, precision },
        source: {
          ...{ ceSource, ceId, cluster: 'bench', topic: 'conflict.reports.v1', partition: index % 4, offset: index },
          value: Buffer.from(JSON.stringify(event)),
        },
        committed,
        reportId: report.reportId,
        revision: report.revision,
        delivery: {
          identity: identityOf(ceSource, ceId),
          digest: contentDigest(this.parts.secrets.dedupKey, { type, data }),
        },
      },
      this.parts,
    );
  }
}
