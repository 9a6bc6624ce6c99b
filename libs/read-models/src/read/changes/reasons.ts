import { claimantKey, type DecisionKind, type ReportRecordedData } from '#app/domain';
import type { EntityManager } from 'typeorm';
import { ENDED } from '../../project/decision-columns.js';
import { tablesOfGeneration } from '../../project/tables.js';
import type { AsOf } from '../as-of/as-of.js';
import { decisionsAt, momentsOf, recordsAt, reportsAt } from './changes.sql.js';
import { withTied } from '../publication/ties.js';
import { decidedBy } from '../incidents/decisions.js';

/** Why figures changed at a position. */
export const CHANGE_REASONS = [
  'NEW_REPORT',
  'LATER_CLAIM',
  'REVISION',
  'WITHDRAWAL',
  'MERGE',
  'UNMERGE',
  'SPLIT',
  'VERIFY',
  'RECLASSIFY',
  'REDATE',
  'RELOCATE',
  'RETRACT',
  'REINSTATE',
  'ACTIVATE_POLICY',
  'ACTIVATE_BOUNDARY_SET',
] as const;
export type ChangeReason = (typeof CHANGE_REASONS)[number];

/** The event behind a change, as far as the figures tell of it. */
export interface ChangeCause {
  recordedAt: string;
  eventType: string;
  reason: ChangeReason;
  eventId: string | null;
  /** Who decided; null for a report. */
  by: string | null;
  /** Of a report or its withdrawal. */
  report: { publisher: string; reportId: string; revision: number | null; publishedAt: string | null } | null;
}

/** What a decision is called where it begins, and where it ends by another. */
const DECISIONS: Record<DecisionKind, { begins: [string, ChangeReason]; ends: [string, ChangeReason] }> = {
  MERGED_INTO: { begins: ['IncidentsMerged', 'MERGE'], ends: ['MergeReverted', 'UNMERGE'] },
  ABSORBED: { begins: ['IncidentsMerged', 'MERGE'], ends: ['MergeReverted', 'UNMERGE'] },
  SPLIT_OUT: { begins: ['IncidentSplit', 'SPLIT'], ends: ['IncidentSplit', 'SPLIT'] },
  SPLIT_IN: { begins: ['IncidentSplit', 'SPLIT'], ends: ['IncidentSplit', 'SPLIT'] },
  VERIFIED: { begins: ['IncidentVerified', 'VERIFY'], ends: ['IncidentVerified', 'VERIFY'] },
  RECLASSIFIED: { begins: ['IncidentReclassified', 'RECLASSIFY'], ends: ['IncidentReclassified', 'RECLASSIFY'] },
  REDATED: { begins: ['IncidentRedated', 'REDATE'], ends: ['IncidentRedated', 'REDATE'] },
  RELOCATED: { begins: ['IncidentRelocated', 'RELOCATE'], ends: ['IncidentRelocated', 'RELOCATE'] },
  RETRACTED: { begins: ['IncidentRetracted', 'RETRACT'], ends: ['IncidentReinstated', 'REINSTATE'] },
};

/** The kind of a decision by the kind of its row, at its beginning. */
export function decisionNamed(kind: DecisionKind): { eventType: string; reason: ChangeReason } {
  const [eventType, reason] = DECISIONS[kind].begins;
  return { eventType, reason };
}

interface ReportAt {
  from_position: string;
  incident_id: string;
  event_id: string;
  kind: 'REPORT' | 'WITHDRAWN';
  source: string;
  report_id: string;
  revision: string;
  published_at: Date | null;
  body: string | null;
  /** Of the same report, ended by this row. */
  replaced_revision: string | null;
}

interface DecisionAt {
  from_position: string;
  to_position: string | null;
  event_id: string;
  /** ENDED: the row of an event that ended decisions. */
  kind: DecisionKind | typeof ENDED;
  actor: string;
}

interface RecordAt {
  from_position: string;
  kind: string;
  event_id: string;
  actor: string;
}

/** The events behind some changes, by position. One position is one event, whatever the number of incidents. */
export async function readCauses(
  tx: EntityManager,
  asOf: AsOf,
  changed: readonly { position: number; incidentId: string }[],
  until: Date | null = null,
): Promise<Map<number, ChangeCause>> {
  const causes = new Map<number, ChangeCause>();
  if (changed.length === 0) return causes;
  const tables = tablesOfGeneration(asOf.generation);
  const positions = [...new Set(changed.map(({ position }) => position))];
  // An event may be recorded under an incident that was tied to the changed one then, and is not any more.
  const range = { from: Math.min(...positions) - 1, to: Math.max(...positions) };
  const changedIds = changed.map(({ incidentId }) => incidentId);
  const ids = [...(await withTied(tx, asOf, range, changedIds))];
  const reports = await tx.query<ReportAt[]>(reportsAt(tables), [ids, positions, until]);
  const decisions = await tx.query<DecisionAt[]>(decisionsAt(tables), [ids, positions]);
  const records = await tx.query<RecordAt[]>(recordsAt(tables), [positions]);
  const moments = await tx.query<{ position: string; recorded_at: Date }[]>(momentsOf(tables), [positions]);
  const later = await laterClaims(tx, asOf, reports, until);
  for (const { position: text, recorded_at: recordedAt } of moments) {
    const position = Number(text);
    const at = { recordedAt: recordedAt.toISOString() };
    const began = decisions.filter((row) => Number(row.from_position) === position);
    const decision = began.find(isDecision);
    const ended = decisions.filter(isDecision).find((row) => Number(row.to_position) === position);
    const record = records.find((row) => Number(row.from_position) === position);
    const report = reports.find((row) => Number(row.from_position) === position);
    if (record !== undefined) causes.set(position, { ...at, ...causeOfRecord(record) });
    else if (decision !== undefined) causes.set(position, { ...at, ...causeOf(decision.kind, 'begins', decision) });
    else if (ended !== undefined) causes.set(position, { ...at, ...causeOf(ended.kind, 'ends', began[0]) });
    else if (report !== undefined) causes.set(position, { ...at, ...causeOfReport(report, later) });
  }
  return causes;
}

function causeOfRecord({ kind, event_id: eventId, actor }: RecordAt): Omit<ChangeCause, 'recordedAt'> {
  const decided = { eventId, by: decidedBy(actor), report: null };
  if (kind === 'PLACING') return { eventType: 'IncidentsPlaced', reason: 'ACTIVATE_BOUNDARY_SET', ...decided };
  return kind === 'POLICY'
    ? { eventType: 'ConversionPolicyActivated', reason: 'ACTIVATE_POLICY', ...decided }
    : { eventType: 'BoundarySetActivated', reason: 'ACTIVATE_BOUNDARY_SET', ...decided };
}

function isDecision<T extends DecisionAt>(row: T): row is T & { kind: DecisionKind } {
  return row.kind !== ENDED;
}

/** @param row which event it was; absent in figures of a projection before 3, where only the log tells */
function causeOf(kind: DecisionKind, end: 'begins' | 'ends', row?: DecisionAt): Omit<ChangeCause, 'recordedAt'> {
  const [eventType, reason] = DECISIONS[kind][end];
  if (row === undefined) return { eventType, reason, eventId: null, by: null, report: null };
  return { eventType, reason, eventId: row.event_id, by: decidedBy(row.actor), report: null };
}

function causeOfReport(row: ReportAt, later: ReadonlySet<string>): Omit<ChangeCause, 'recordedAt'> {
  const { event_id: eventId, source: publisher, report_id: reportId } = row;
  if (row.kind === 'WITHDRAWN') {
    const report = { publisher, reportId, revision: null, publishedAt: null };
    return { eventType: 'ReportWithdrawn', reason: 'WITHDRAWAL', eventId, by: null, report };
  }
  const report = {
    publisher,
    reportId,
    revision: Number(row.revision),
    publishedAt: row.published_at?.toISOString() ?? null,
  };
  // A report that ends a row of the same revision was not told again, but placed in a further boundary set.
  if (row.replaced_revision === row.revision) {
    return { eventType: 'IncidentsPlaced', reason: 'ACTIVATE_BOUNDARY_SET', eventId: null, by: null, report: null };
  }
  const reason = row.replaced_revision !== null ? 'REVISION' : later.has(eventId) ? 'LATER_CLAIM' : 'NEW_REPORT';
  return { eventType: 'ReportRecorded', reason, eventId, by: null, report };
}

/** New reports all of whose claimants had spoken on the incident before: they supersede, and add no voice. */
async function laterClaims(
  tx: EntityManager,
  asOf: AsOf,
  reports: readonly ReportAt[],
  until: Date | null,
): Promise<Set<string>> {
  const fresh = reports.filter(
    ({ kind, replaced_revision: replaced, body }) => kind === 'REPORT' && replaced === null && body !== null,
  );
  const { report } = tablesOfGeneration(asOf.generation);
  const earlier =
    fresh.length === 0
      ? []
      : await tx.query<{ incident_id: string; from_position: string; body: string }[]>(
          `SELECT r.incident_id, r.from_position, r.body FROM ${report} r
            WHERE r.incident_id = ANY($1::uuid[]) AND r.kind = 'REPORT' AND r.from_position < $2::bigint
              AND ($3::timestamptz IS NULL OR r.published_at <= $3)
              AND EXISTS (SELECT 1 FROM ${report} o WHERE o.incident_id = r.incident_id AND o.from_position <> r.from_position)`,
          [
            [...new Set(fresh.map(({ incident_id: id }) => id))],
            Math.max(...fresh.map((row) => Number(row.from_position))),
            until,
          ],
        );
  const voices = new Map<string, { position: number; keys: string[] }[]>();
  for (const row of earlier) {
    const spoken = { position: Number(row.from_position), keys: voicesOf(row.body) };
    voices.set(row.incident_id, [...(voices.get(row.incident_id) ?? []), spoken]);
  }
  const isLater = ({ incident_id: id, from_position: position, body }: ReportAt): boolean => {
    const before = (voices.get(id) ?? []).filter((spoken) => spoken.position < Number(position));
    return before.length > 0 && voicesOf(body ?? '').every((key) => before.some(({ keys }) => keys.includes(key)));
  };
  return new Set(fresh.filter(isLater).map(({ event_id: eventId }) => eventId));
}

function voicesOf(body: string): string[] {
  const { report } = JSON.parse(body) as ReportRecordedData;
  const claims = report.casualties ?? [];
  return claims.length === 0 ? [claimantKey({}, report)] : claims.map((claim) => claimantKey(claim, report));
}
