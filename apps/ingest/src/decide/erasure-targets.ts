import { type DecisionV1, readIncidentName } from '#app/contract';
import { type Erasure, incidentIdOf, joined } from '#app/log';
import type { ClientBase } from 'pg';
import { DecisionRefused } from './decide-decision.js';

interface TargetRow {
  eventId: string;
  stream: string;
  source: string | null;
}

const OF_INCIDENT = `
  SELECT e.event_id AS "eventId", e.stream_id AS stream, e.ce_source AS source
    FROM ledger.event_stream s
   CROSS JOIN LATERAL (
         SELECT i.* FROM ledger.event i WHERE i.log_id = s.log_id AND i.position = s.position LIMIT 1) e
   WHERE s.log_id = $1 AND s.stream_id = $2 AND e.type IN ('ReportRecorded', 'ReportWithdrawn')`;

// No index leads here: erasing by report id reads the whole log once, which is rare and may take its time.
const OF_REPORT = `
  SELECT event_id AS "eventId", stream_id AS stream, ce_source AS source
    FROM ledger.event
   WHERE log_id = $1 AND report_id = $2 AND ($3::text IS NULL OR ce_source = $3)
     AND type IN ('ReportRecorded', 'ReportWithdrawn')`;

const SEALED_POINTERS = `
  SELECT s.event_id AS "eventId", p.pointer
    FROM ledger.sealed s CROSS JOIN LATERAL json_object_keys(s.boxes::json) AS p(pointer)
   WHERE s.event_id = ANY (string_to_array($1, chr(30))::uuid[]) AND p.pointer <> ''`;

/** The events of the incident or report that a decision names. @throws DecisionRefused */
export async function findTargets(tx: ClientBase, logId: number, decision: DecisionV1): Promise<TargetRow[]> {
  const { incident, reportId, source } = decision;
  if (incident !== undefined && incident !== null) {
    const name = readIncidentName(incident);
    const stream = 'id' in name ? name.id : incidentIdOf(name.source, name.ref);
    const { rows } = await tx.query<TargetRow>(OF_INCIDENT, [logId, stream]);
    if (rows.length === 0) throw new DecisionRefused('DECISION_TARGET_UNKNOWN', '/incident', 'no such incident');
    return rows;
  }
  await tx.query("SET LOCAL statement_timeout = '300s'");
  const { rows } = await tx.query<TargetRow>(OF_REPORT, [logId, reportId, source ?? null]);
  if (rows.length === 0) throw new DecisionRefused('DECISION_TARGET_UNKNOWN', '/reportId', 'no such report');
  if (new Set(rows.map((row) => row.source)).size > 1) {
    throw new DecisionRefused('DECISION_TARGET_AMBIGUOUS', '/source', 'several sources use this reportId');
  }
  return rows;
}

/** What lies at or below the given pointers of these events. "" = everything. */
export async function pointersUnder(
  tx: ClientBase,
  eventIds: readonly string[],
  paths: readonly string[],
): Promise<Erasure[]> {
  if (paths.includes('')) return eventIds.map((eventId) => ({ eventId, pointers: 'ALL' }));
  const { rows } = await tx.query<{ eventId: string; pointer: string }>(SEALED_POINTERS, [joined(eventIds)]);
  const pointers = new Map<string, string[]>();
  for (const { eventId, pointer } of rows) {
    if (!paths.some((path) => pointer === path || pointer.startsWith(`${path}/`))) continue;
    const found = pointers.get(eventId);
    if (found === undefined) pointers.set(eventId, [pointer]);
    else found.push(pointer);
  }
  return [...pointers].map(([eventId, under]) => ({ eventId, pointers: under }));
}
