import { DEFAULT_LOG_ID } from './append-events.js';
import { type Database, joined } from './database.js';

/** What a decision must know of a stream before it adds to it. */
export interface StreamState {
  /** Version of its last event; 0 for a stream that does not exist. */
  version: number;
  /** By `reportKey(ceSource, reportId)`. */
  reports: Map<string, ReportProgress>;
}

export interface ReportProgress {
  ceSource: string;
  reportId: string;
  /** Highest recorded revision; 0 when only its withdrawal came. */
  revision: number;
  withdrawn: boolean;
}

export function reportKey(ceSource: string, reportId: string): string {
  return JSON.stringify([ceSource, reportId]);
}

/**
 * The fence (OFFSET 0) keeps the planner from reading the whole log: each position is one look-up by primary key,
 * whatever the statistics say about tables that grow by thousands of rows a second.
 */
const READ = `
SELECT s.stream_id, max(s.stream_version) AS version, e.ce_source, e.report_id,
       max(e.revision)::float8 AS revision, bool_or(e.type = 'ReportWithdrawn') AS withdrawn
  FROM unnest(string_to_array($2, chr(30))::uuid[]) AS wanted (stream_id)
 CROSS JOIN LATERAL (SELECT s.stream_id, s.stream_version, s.position FROM ledger.event_stream s
                      WHERE s.log_id = $1::smallint AND s.stream_id = wanted.stream_id OFFSET 0) s
 CROSS JOIN LATERAL (SELECT e.type, e.ce_source, e.report_id, e.revision FROM ledger.event e
                      WHERE e.log_id = $1::smallint AND e.position = s.position OFFSET 0) e
 GROUP BY s.stream_id, e.ce_source, e.report_id`;

/** The states of many streams in one query; every stream asked for is in the answer. */
export async function readStreamStates(
  tx: Database,
  streamIds: Iterable<string>,
  logId = DEFAULT_LOG_ID,
): Promise<Map<string, StreamState>> {
  const states = new Map<string, StreamState>();
  for (const stream of streamIds) states.set(stream, { version: 0, reports: new Map() });
  if (states.size === 0) return states;
  const { rows } = await tx.query<{
    stream_id: string;
    version: number;
    ce_source: string | null;
    report_id: string | null;
    revision: number | null;
    withdrawn: boolean;
  }>(READ, [logId, joined([...states.keys()])]);
  for (const row of rows) {
    const state = states.get(row.stream_id) as StreamState;
    state.version = Math.max(state.version, row.version);
    if (row.ce_source === null || row.report_id === null) continue;
    const { ce_source: ceSource, report_id: reportId, revision, withdrawn } = row;
    state.reports.set(reportKey(ceSource, reportId), { ceSource, reportId, revision: revision ?? 0, withdrawn });
  }
  return states;
}
