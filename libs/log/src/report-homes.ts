import { type Database, joined } from './database.js';

/**
 * The streams in which reports were first recorded, withdrawn ones included: by `reportNameOf`, in one query; reports
 * unknown to the log are absent. A report stays with its incident for ever (docs/adr/0010).
 */
export async function findReportHomes(db: Database, reports: Iterable<string>): Promise<Map<string, string>> {
  const wanted = [...new Set(reports)];
  if (wanted.length === 0) return new Map();
  const { rows } = await db.query<{ report: string; stream: string }>({
    name: 'find-report-homes',
    text: `SELECT h.report, h.stream_id AS stream
       FROM unnest(string_to_array($1, chr(30))::uuid[]) AS wanted (report)
      CROSS JOIN LATERAL (SELECT * FROM ledger.report_home h WHERE h.report = wanted.report OFFSET 0) h`,
    values: [joined(wanted)],
  });
  return new Map(rows.map(({ report, stream }) => [report, stream]));
}
