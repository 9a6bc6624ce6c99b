import type { Pool } from 'pg';
import { TYPES } from '#app/contract';
import { type Message, messageOf } from '../publishing/cloud-event.js';
import type { Mapped } from './map-rows.js';
import type { Scan } from './scan.js';
import { UCDP_SOURCE } from './to-report.js';

/** The period that a release claims to cover whole: inclusive civil dates. */
export interface Period {
  from: string;
  to: string;
}

/** Candidate releases cover their months; a yearly one the calendar years from its file's oldest row to its newest. */
export function periodOf({
  release,
  oldestYear,
  newestYear,
}: Pick<Scan, 'release' | 'oldestYear' | 'newestYear'>): Period {
  if (release.months === null) return { from: `${oldestYear}-01-01`, to: `${newestYear}-12-31` };
  const [year, month] = release.months.last.split('-').map(Number) as [number, number];
  return {
    from: `${release.months.first}-01`,
    to: new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10),
  };
}

/**
 * Reports that stand, whatever their incident is: merged, it counts under another one; retracted, it can be reinstated. Key,
 * country and date are those that the report itself gives, as the file would: its incident may have been moved by a decision, or
 * lie elsewhere by what others say.
 */
const RECORDED = `
  SELECT * FROM (
    SELECT r.incident_id, r.report_id, r.body::json #>> '{report,incident,ref}' AS ref,
           r.body::json #>> '{report,place,country}' AS country, r.body::json #>> '{report,occurred,start}' AS start
      FROM read_model.report r
     WHERE r.to_position IS NULL AND r.kind = 'REPORT' AND r.source = $1 AND r.revision <= $2) own
   WHERE start BETWEEN $3 AND $4 AND (incident_id, report_id) > ($5::uuid, $6)
   ORDER BY incident_id, report_id LIMIT 5000`;

interface RecordedRow {
  incident_id: string;
  report_id: string;
  ref: string | null;
  country: string | null;
}

/**
 * Withdrawals of what imports recorded before and the file no longer has. Only the part of the world that the file speaks of
 * counts: its countries, the period of its release, and revisions not newer than it.
 */
export async function withdrawals(pool: Pool, file: Scan, found: Mapped): Promise<Message[]> {
  const { from, to } = periodOf(file);
  const messages: Message[] = [];
  let after = ['00000000-0000-0000-0000-000000000000', ''];
  for (;;) {
    const values = [UCDP_SOURCE, file.release.revision, from, to, ...after];
    const { rows } = await pool.query<RecordedRow>(RECORDED, values);
    for (const row of rows) {
      after = [row.incident_id, row.report_id];
      if (row.ref !== null && !found.ids.has(row.ref) && found.countries.has(row.country ?? '')) {
        messages.push(withdrawal(row.report_id, row.ref, file.release.name));
      }
    }
    if (rows.length === 0) return messages;
  }
}

function withdrawal(reportId: string, ref: string, release: string): Message {
  return messageOf({
    id: `${reportId}/withdrawn/${release}`,
    source: UCDP_SOURCE,
    type: TYPES.REPORT_WITHDRAWN,
    data: { reportId, incident: { ref }, reason: `Not in UCDP release ${release}` },
  });
}
