import type { ReportRecordedData } from '#app/domain';
import type { EntityManager } from 'typeorm';
import { tablesOfGeneration } from '../project/tables.js';
import type { AsOf } from './as-of.js';
import { oneIncident, publishers, reportsOfIncident, SEALED_POINTERS } from './incident-list.sql.js';
import { type IncidentRow, type IncidentState, toIncidentState } from './incident-row.js';

/** A report of an incident as of a position, one that no longer counts included. */
export interface RecordedReport {
  position: number;
  /** The event that replaced or withdrew it; null while it counts. */
  supersededAt: number | null;
  eventId: string;
  /** CloudEvents source. */
  source: string;
  reportId: string;
  revision: number;
  body: ReportRecordedData;
  /** The event that ended it was its withdrawal. */
  isWithdrawn: boolean;
}

/** @returns null when the incident had not been recorded by then */
export async function readIncident(
  tx: EntityManager,
  { position, generation }: AsOf,
  incidentId: string,
): Promise<IncidentState | null> {
  const [row] = await tx.query<IncidentRow[]>(oneIncident(tablesOfGeneration(generation)), [incidentId, position]);
  return row === undefined ? null : toIncidentState(row);
}

interface ReportRow {
  from_position: string;
  to_position: string | null;
  event_id: string;
  kind: 'REPORT' | 'WITHDRAWN';
  source: string;
  report_id: string;
  revision: string;
  body: string | null;
}

/** In the order in which they were recorded. A withdrawal that came before its report is not shown: it says nothing. */
export async function readReports(
  tx: EntityManager,
  { position, generation }: AsOf,
  incidentId: string,
): Promise<RecordedReport[]> {
  const rows = await tx.query<ReportRow[]>(reportsOfIncident(tablesOfGeneration(generation)), [incidentId, position]);
  const withdrawals = new Set(rows.filter(({ kind }) => kind === 'WITHDRAWN').map((row) => row.from_position));
  return rows.flatMap((row) => {
    if (row.body === null) return [];
    return {
      position: Number(row.from_position),
      supersededAt: row.to_position === null ? null : Number(row.to_position),
      eventId: row.event_id,
      source: row.source,
      reportId: row.report_id,
      revision: Number(row.revision),
      body: JSON.parse(row.body) as ReportRecordedData,
      isWithdrawn: row.to_position !== null && withdrawals.has(row.to_position),
    };
  });
}

export interface SealedPointer {
  eventId: string;
  /** JSON Pointer into the data of the message. */
  pointer: string;
  isErased: boolean;
}

/** Which values some events committed to, without opening any. */
export async function readSealedPointers(tx: EntityManager, eventIds: readonly string[]): Promise<SealedPointer[]> {
  if (eventIds.length === 0) return [];
  const rows = await tx.query<{ event_id: string; pointer: string; is_erased: boolean }[]>(SEALED_POINTERS, [eventIds]);
  return rows.map(({ event_id: eventId, pointer, is_erased: isErased }) => ({ eventId, pointer, isErased }));
}

/** CloudEvents sources that have something recorded, at whatever position, sorted. */
export async function readPublishers(tx: EntityManager, { generation }: AsOf): Promise<string[]> {
  const rows = await tx.query<{ publisher: string }[]>(publishers(tablesOfGeneration(generation)));
  return rows.map(({ publisher }) => publisher);
}
