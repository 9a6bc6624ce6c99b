import type { ClientBase, Pool } from 'pg';
import type { IncidentStates, KeptIncident, KeptReport } from './incident-states.js';
import type { Tables } from './tables.js';

interface ActiveRow {
  incident_id: string;
  from_position: number;
  event_id: string;
  kind: KeptReport['kind'];
  source: string;
  report_id: string;
  revision: number;
  body: string | null;
  version: number | null;
  version_from: number | null;
}

/** What still counts for each incident, with its newest version. An incident without an active report has no version either. */
const activeReports = (tables: Tables): string => `
  SELECT r.incident_id, r.from_position, r.event_id, r.kind, r.source, r.report_id, r.revision, r.body,
         v.version, v.from_position AS version_from
    FROM ${tables.report} r
    LEFT JOIN ${tables.incident_version} v ON v.incident_id = r.incident_id AND v.to_position IS NULL
   WHERE r.incident_id = ANY (string_to_array($1, ',')::uuid[]) AND r.to_position IS NULL
   ORDER BY r.from_position`;

/** Loads incidents into `states`, in one query. Those that never had a report stay unheard of. */
export async function loadIncidents(
  db: Pool | ClientBase,
  tables: Tables,
  { states, incidentIds }: { states: IncidentStates; incidentIds: readonly string[] },
): Promise<void> {
  if (incidentIds.length === 0) return;
  const { rows } = await db.query<ActiveRow>(activeReports(tables), [incidentIds.join(',')]);
  const incidents = new Map<string, KeptIncident>();
  for (const row of rows) {
    const report = keptReport(row);
    const incident = incidents.get(row.incident_id);
    if (incident !== undefined) incident.reports.push(report);
    else {
      const { version, version_from: versionFrom } = row;
      incidents.set(row.incident_id, { reports: [report], version: version ?? 0, versionFrom: versionFrom ?? -1 });
    }
  }
  for (const [incidentId, incident] of incidents) states.keep(incidentId, incident);
}

function keptReport(row: ActiveRow): KeptReport {
  return {
    kind: row.kind,
    source: row.source,
    reportId: row.report_id,
    revision: row.revision,
    position: row.from_position,
    eventId: row.event_id,
    text: row.body,
  };
}
