import { joined } from '#app/log';
import type { ClientBase } from 'pg';

const READ_INCIDENTS = `
  SELECT t.stream_id AS stream
    FROM unnest(string_to_array($2, chr(30))::uuid[]) AS t(stream_id)
    JOIN ledger.event_stream s ON s.log_id = $1 AND s.stream_id = t.stream_id AND s.stream_version = 1
   CROSS JOIN LATERAL (
         SELECT i.type FROM ledger.event i WHERE i.log_id = s.log_id AND i.position = s.position LIMIT 1) e
   WHERE e.type IN ('ReportRecorded', 'ReportWithdrawn', 'IncidentSplit')`;

/** Which of these streams are incidents, which begin with a report or a split that makes them: a rejection or the log itself has an id too, and no report may go there. */
export async function loadIncidents(tx: ClientBase, logId: number, streams: readonly string[]): Promise<Set<string>> {
  if (streams.length === 0) return new Set();
  const { rows } = await tx.query<{ stream: string }>(READ_INCIDENTS, [logId, joined([...new Set(streams)])]);
  return new Set(rows.map(({ stream }) => stream));
}
