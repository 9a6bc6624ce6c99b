import { type DecisionV1, readIncidentName } from '#app/contract';
import { EVENT_TYPES, type EventType } from '#app/domain';
import { type Erasure, incidentIdOf, joined, reportNameOf } from '#app/log';
import type { ClientBase } from 'pg';
import { DecisionRefused } from './carried-out.js';

interface TargetRow {
  eventId: string;
  stream: string;
  source: string | null;
}

/** What has no committed value of a publisher or a steward: the ledger wrote it, or what it holds was refused. */
const WITHOUT_VALUES: ReadonlySet<EventType> = new Set([
  'LogCreated',
  'ReportRejected',
  'DeliveryGapRecorded',
  'IncidentsPlaced',
  'ProjectionActivated',
]);
const WITH_VALUES = EVENT_TYPES.filter((type) => !WITHOUT_VALUES.has(type));

// Of decisions too, whose reasons may tell of people, and of the stream of a series, a trend or a site, named by its id.
const OF_INCIDENT = `
  SELECT e.event_id AS "eventId", s.stream_id AS stream, e.ce_source AS source
    FROM ledger.event_stream s
   CROSS JOIN LATERAL (
         SELECT i.* FROM ledger.event i WHERE i.log_id = s.log_id AND i.position = s.position LIMIT 1) e
   WHERE s.log_id = $1 AND s.stream_id = $2 AND e.type = ANY (string_to_array($3, chr(30)))
   ORDER BY s.position`;

// A report stays with its incident, so all its events are in one stream.
const OF_REPORT = `
  SELECT e.event_id AS "eventId", e.stream_id AS stream, e.ce_source AS source
    FROM ledger.report_home h
    JOIN ledger.event_stream s ON s.log_id = h.log_id AND s.stream_id = h.stream_id
   CROSS JOIN LATERAL (
         SELECT i.* FROM ledger.event i WHERE i.log_id = s.log_id AND i.position = s.position LIMIT 1) e
   WHERE h.log_id = $1 AND h.report = $2 AND e.report_id = $3 AND e.ce_source = $4
     AND e.type IN ('ReportRecorded', 'ReportWithdrawn')`;

const OF_EVENT = `
  SELECT event_id AS "eventId", stream_id AS stream, ce_source AS source
    FROM ledger.event WHERE log_id = $1 AND event_id = $2 AND type = ANY (string_to_array($3, chr(30)))`;

// No index leads here: without a source the whole log is read once, which is rare and may take its time.
const SOURCES_OF_REPORT = `
  SELECT DISTINCT ce_source AS source FROM ledger.event
   WHERE log_id = $1 AND report_id = $2 AND type IN ('ReportRecorded', 'ReportWithdrawn')`;

const SEALED_POINTERS = `
  SELECT s.event_id AS "eventId", p.pointer
    FROM ledger.sealed s CROSS JOIN LATERAL json_object_keys(s.boxes::json) AS p(pointer)
   WHERE s.event_id = ANY (string_to_array($1, chr(30))::uuid[]) AND p.pointer <> ''`;

/** The events of the incident or report that a decision names, or the one event. @throws DecisionRefused */
export async function findTargets(tx: ClientBase, logId: number, decision: DecisionV1): Promise<TargetRow[]> {
  const { incident, event, reportId, source } = decision;
  if (typeof event === 'string') {
    const { rows } = await tx.query<TargetRow>(OF_EVENT, [logId, event, joined(WITH_VALUES)]);
    if (rows.length === 0) throw new DecisionRefused('DECISION_TARGET_UNKNOWN', '/event', 'no such event with values');
    return rows;
  }
  if (incident !== undefined && incident !== null) {
    const name = readIncidentName(incident);
    const stream = 'id' in name ? name.id : incidentIdOf(name.source, name.ref);
    const { rows } = await tx.query<TargetRow>(OF_INCIDENT, [logId, stream, joined(WITH_VALUES)]);
    if (rows.length === 0) throw new DecisionRefused('DECISION_TARGET_UNKNOWN', '/incident', 'no such incident');
    return rows;
  }
  const id = reportId ?? '';
  const from = source ?? (await onlySourceOf(tx, logId, id));
  const { rows } = await tx.query<TargetRow>(OF_REPORT, [logId, reportNameOf(from, id), id, from]);
  if (rows.length === 0) throw unknownReport();
  return rows;
}

async function onlySourceOf(tx: ClientBase, logId: number, reportId: string): Promise<string> {
  await tx.query("SET LOCAL statement_timeout = '300s'");
  // The pool's own patience is shorter.
  const patient = { text: SOURCES_OF_REPORT, values: [logId, reportId], query_timeout: 305_000 };
  const { rows } = await tx.query<{ source: string }>(patient);
  const [only, another] = rows;
  if (only === undefined) throw unknownReport();
  if (another !== undefined) {
    throw new DecisionRefused('DECISION_TARGET_AMBIGUOUS', '/source', 'several sources use this reportId');
  }
  return only.source;
}

function unknownReport(): DecisionRefused {
  return new DecisionRefused('DECISION_TARGET_UNKNOWN', '/reportId', 'no such report');
}

/** Where events are in the log, by position. */
export async function positionsIn(
  tx: ClientBase,
  logId: number,
  eventIds: readonly string[],
): Promise<{ eventId: string; position: number; stream: string }[]> {
  if (eventIds.length === 0) return [];
  const { rows } = await tx.query<{ eventId: string; position: number; stream: string }>(
    `SELECT event_id AS "eventId", position, stream_id AS stream FROM ledger.event
      WHERE log_id = $1 AND event_id = ANY (string_to_array($2, chr(30))::uuid[]) ORDER BY position`,
    [logId, joined(eventIds)],
  );
  return rows;
}

/** The newest version of each stream. */
export async function versionsOf(
  tx: ClientBase,
  logId: number,
  streams: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await tx.query<{ stream: string; version: number }>(
    `SELECT stream_id AS stream, max(stream_version) AS version FROM ledger.event_stream
      WHERE log_id = $1 AND stream_id = ANY (string_to_array($2, chr(30))::uuid[]) GROUP BY stream_id`,
    [logId, joined([...new Set(streams)])],
  );
  return new Map(rows.map(({ stream, version }) => [stream, version]));
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
