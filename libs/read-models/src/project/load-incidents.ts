import type { DecisionState, IncidentFigures } from '#app/domain';
import type { ClientBase, Pool } from 'pg';
import type { IncidentVersionRow } from '../rows.js';
import type { IncidentStates, KeptIncident, KeptReport } from './incident-states.js';
import type { Tables } from './tables.js';

/** One row of any of three tables; which one tells `what`. */
interface LoadedRow {
  what: 'REPORT' | 'VERSION' | 'DECISION';
  incident_id: string;
  from_position: number;
  /** Of a report or a decision. */
  event_id: string | null;
  kind: string | null;
  /** Of a version the publisher and its key of the incident. */
  source: string | null;
  name: string | null;
  /** Revision of a report, number of a version, seq of a decision. */
  number: number;
  other: string | null;
  /** Of a decision. */
  actor: string | null;
  /** JSON: of a report, of a decision; of a version that no report tells, the row. */
  body: string | null;
}

/**
 * What still counts for each incident, its newest version, and the decisions that stand. Three short index scans beside
 * one another: a join would make the planner guess.
 */
const standing = ({ report, incident_version: version, decision }: Tables): string => {
  const these = `incident_id = ANY (string_to_array($1, ',')::uuid[]) AND to_position IS NULL`;
  return `
  SELECT 'DECISION' AS what, incident_id, from_position, event_id, kind, NULL AS source, NULL AS name,
         seq::bigint AS number, other, actor, body
    FROM ${decision} WHERE ${these}
  UNION ALL
  SELECT 'VERSION', incident_id, from_position, NULL, status, publisher, ref, version, survivor, NULL,
         CASE WHEN reports = 0 THEN row_to_json(v)::text END
    FROM ${version} v WHERE ${these}
  UNION ALL
  (SELECT 'REPORT', incident_id, from_position, event_id, kind, source, report_id, revision, NULL, NULL, body
     FROM ${report} WHERE ${these} ORDER BY from_position)`;
};

/**
 * Loads incidents into `states`, and whatever hangs together with them through merges and splits: one query, and one more
 * for each step from one to the next. Those that nothing was recorded of stay unheard of.
 */
export async function loadIncidents(
  db: Pool | ClientBase,
  tables: Tables,
  { states, incidentIds }: { states: IncidentStates; incidentIds: readonly string[] },
): Promise<void> {
  const asked = new Set<string>();
  for (;;) {
    const missing = states.missing(incidentIds).filter((incidentId) => !asked.has(incidentId));
    if (missing.length === 0) return;
    for (const incidentId of missing) asked.add(incidentId);
    for (const [incidentId, incident] of await load(db, tables, missing)) states.keep(incidentId, incident);
  }
}

async function load(
  db: Pool | ClientBase,
  tables: Tables,
  incidentIds: readonly string[],
): Promise<Map<string, KeptIncident>> {
  const { rows } = await db.query<LoadedRow>(standing(tables), [incidentIds.join(',')]);
  const incidents = new Map<string, KeptIncident>();
  for (const row of rows) {
    let incident = incidents.get(row.incident_id);
    if (incident === undefined) {
      incident = { reports: [], decisions: [], home: null, last: null, version: 0, versionFrom: -1 };
      incidents.set(row.incident_id, incident);
    }
    if (row.what === 'REPORT') incident.reports.push(keptReport(row));
    else if (row.what === 'DECISION') incident.decisions = [...incident.decisions, decisionState(row)];
    else {
      incident.version = row.number;
      incident.versionFrom = row.from_position;
      incident.home = { source: row.source as string, ref: row.name };
      incident.last = row.body === null ? null : lastKnown(JSON.parse(row.body) as IncidentVersionRow);
    }
  }
  for (const incident of incidents.values()) incident.decisions = incident.decisions.toSorted(asDecided);
  return incidents;
}

/** The order in which memory has them: what depends on it is the same after a load. */
function asDecided(a: DecisionState, b: DecisionState): number {
  return a.position - b.position || a.seq - b.seq;
}

function keptReport(row: LoadedRow): KeptReport {
  return {
    kind: row.kind as KeptReport['kind'],
    source: row.source as string,
    reportId: row.name as string,
    revision: row.number,
    position: row.from_position,
    eventId: row.event_id as string,
    text: row.body,
  };
}

function decisionState(row: LoadedRow): DecisionState {
  return {
    kind: row.kind,
    position: row.from_position,
    seq: row.number,
    eventId: row.event_id,
    other: row.other,
    actor: row.actor,
    body: JSON.parse(row.body as string),
  } as DecisionState;
}

/** The attributes that a version without a report shows; what it does not show is empty. */
function lastKnown(row: IncidentVersionRow): IncidentFigures {
  return {
    publisher: row.publisher,
    ref: row.ref,
    verification: row.verification,
    incidentType: row.incident_type as IncidentFigures['incidentType'],
    start: row.start_date,
    end: row.end_date,
    timePrecision: row.time_precision as IncidentFigures['timePrecision'],
    place: { name: row.place_name, latitude: row.latitude, longitude: row.longitude },
    geoPrecision: row.geo_precision as IncidentFigures['geoPrecision'],
    placements: JSON.parse(row.placements) as IncidentFigures['placements'],
    weapons: row.weapons,
    weaponGroup: row.weapon_group,
    targets: row.targets,
    actors: row.actors,
    roles: row.roles,
    perpetrators: [],
    flags: [],
    reports: 0,
    claimants: 0,
    figures: [],
    contested: {},
  };
}
