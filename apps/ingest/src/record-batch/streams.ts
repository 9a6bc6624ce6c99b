import type { KnownRevision } from '#app/domain';
import { joined } from '#app/log';
import type { ClientBase } from 'pg';

/** A stream that a message touches; `source` and `reportId` name the report whose revisions matter, if any. */
export interface Touch {
  stream: string;
  source: string;
  reportId: string;
}

interface StreamRow {
  stream: string;
  version: number;
  source: string | null;
  reportId: string | null;
  type: string | null;
  revision: number | null;
}

// Each fence (LIMIT, OFFSET 0) keeps the planner on the keys: per touched stream its newest version, and what it holds of
// the report. Without them it reads the whole log as soon as its statistics are older than the last million rows.
const READ_STREAMS = {
  name: 'read-streams',
  text: `
  SELECT t.stream_id AS stream, newest.stream_version AS version,
         known.ce_source AS source, known.report_id AS "reportId", known.type, known.revision
    FROM (SELECT DISTINCT * FROM unnest(string_to_array($2, chr(30))::uuid[], string_to_array($3, chr(30)),
                                        string_to_array($4, chr(30))) AS u(stream_id, ce_source, report_id)) t
   CROSS JOIN LATERAL (
         SELECT s.stream_version FROM ledger.event_stream s
          WHERE s.log_id = $1 AND s.stream_id = t.stream_id
          ORDER BY s.stream_version DESC LIMIT 1) newest
    LEFT JOIN LATERAL (
         SELECT e.type, e.ce_source, e.report_id, e.revision
           FROM (SELECT i.position FROM ledger.event_stream i
                  WHERE i.log_id = $1 AND i.stream_id = t.stream_id OFFSET 0) s
          CROSS JOIN LATERAL (
                SELECT i.type, i.ce_source, i.report_id, i.revision FROM ledger.event i
                 WHERE i.log_id = $1 AND i.position = s.position OFFSET 0) e
          WHERE e.ce_source = t.ce_source AND e.report_id = t.report_id
            AND e.type IN ('ReportRecorded', 'ReportWithdrawn') OFFSET 0) known ON true`,
};

/** The state of the touched streams, loaded in one query and then folded in memory as the batch is decided. */
export class Streams {
  private readonly versions = new Map<string, number>();
  private readonly revisions = new Map<string, KnownRevision[]>();

  static async load(tx: ClientBase, logId: number, touches: readonly Touch[]): Promise<Streams> {
    const streams = new Streams();
    if (touches.length === 0) return streams;
    const { rows } = await tx.query<StreamRow>({
      ...READ_STREAMS,
      values: [
        logId,
        joined(touches.map(({ stream }) => stream)),
        joined(touches.map(({ source }) => source)),
        joined(touches.map(({ reportId }) => reportId)),
      ],
    });
    for (const row of rows) {
      streams.versions.set(row.stream, row.version);
      if (row.type === null || row.source === null || row.reportId === null) continue;
      const kind = row.type === 'ReportWithdrawn' ? 'WITHDRAWN' : 'REPORT';
      streams.remember(row.stream, row.source, row.reportId, { kind, revision: row.revision ?? 0 });
    }
    return streams;
  }

  /** 0 = nothing is recorded in this stream. */
  version(stream: string): number {
    return this.versions.get(stream) ?? 0;
  }

  /** The version that the next event of this stream gets. */
  take(stream: string): number {
    const next = this.version(stream) + 1;
    this.versions.set(stream, next);
    return next;
  }

  known({ stream, source, reportId }: Touch): readonly KnownRevision[] {
    return this.revisions.get(nameOf(stream, source, reportId)) ?? [];
  }

  recorded({ stream, source, reportId }: Touch, revision: KnownRevision): void {
    this.remember(stream, source, reportId, revision);
  }

  private remember(...[stream, source, reportId, revision]: [string, string, string, KnownRevision]): void {
    const name = nameOf(stream, source, reportId);
    const known = this.revisions.get(name);
    if (known === undefined) this.revisions.set(name, [revision]);
    else known.push(revision);
  }
}

/** A stream is a UUID, and a CloudEvents source holds no blank: the parts cannot be taken for one another. */
function nameOf(stream: string, source: string, reportId: string): string {
  return `${stream} ${source} ${reportId}`;
}
