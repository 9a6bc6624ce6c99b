import type { Pool } from 'pg';
import { TYPES } from '#app/contract';
import { BOUNDARY_SET } from '#app/geography';
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

/** Reports that stand, whatever their incident is: merged, it counts under another one; retracted, it can be reinstated. */
const RECORDED = `
  SELECT r.incident_id, r.report_id, v.ref, v.placements
    FROM read_model.report r
    JOIN read_model.incident_version v ON v.incident_id = r.incident_id AND v.to_position IS NULL
   WHERE r.to_position IS NULL AND r.kind = 'REPORT' AND r.source = $1 AND r.revision <= $2
     AND v.start_date BETWEEN $3 AND $4 AND r.incident_id > $5
   ORDER BY r.incident_id LIMIT 5000`;

interface RecordedRow {
  incident_id: string;
  report_id: string;
  ref: string | null;
  placements: string;
}

/**
 * Withdrawals of what this import recorded before and the file no longer has. Only the part of the world that the file
 * speaks of counts: its countries, the period of its release, and revisions not newer than it.
 */
export async function withdrawals(pool: Pool, file: Scan, found: Mapped): Promise<Message[]> {
  const { from, to } = periodOf(file);
  const messages: Message[] = [];
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const values = [UCDP_SOURCE, file.release.revision, from, to, after];
    const { rows } = await pool.query<RecordedRow>(RECORDED, values);
    for (const row of rows) {
      after = row.incident_id;
      if (row.ref !== null && !found.ids.has(row.ref) && found.countries.has(countryIn(row.placements))) {
        messages.push(withdrawal(row.report_id, row.ref, file.release.name));
      }
    }
    if (rows.length === 0) return messages;
  }
}

function countryIn(placements: string): string {
  const bySet = JSON.parse(placements) as Record<string, { country: string | null } | undefined>;
  return bySet[BOUNDARY_SET]?.country ?? '';
}

function withdrawal(reportId: string, ref: string, release: string): Message {
  return messageOf({
    id: `${reportId}/withdrawn/${release}`,
    source: UCDP_SOURCE,
    type: TYPES.REPORT_WITHDRAWN,
    data: { reportId, incident: { ref }, reason: `Not in UCDP release ${release}` },
  });
}
