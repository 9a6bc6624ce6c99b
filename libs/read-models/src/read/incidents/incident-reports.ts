import type { EntityManager } from 'typeorm';
import { tablesOfGeneration } from '../../project/tables.js';
import type { AsOf } from '../as-of/as-of.js';
import { oneIncident, publishers, SEALED_POINTERS } from './incident-list.sql.js';
import { type IncidentRow, type IncidentState, toIncidentState } from './incident-row.js';

/** @returns null when the incident had not been recorded by then */
export async function readIncident(
  tx: EntityManager,
  { position, generation }: AsOf,
  incidentId: string,
): Promise<IncidentState | null> {
  const [row] = await tx.query<IncidentRow[]>(oneIncident(tablesOfGeneration(generation)), [incidentId, position]);
  return row === undefined ? null : toIncidentState(row);
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
