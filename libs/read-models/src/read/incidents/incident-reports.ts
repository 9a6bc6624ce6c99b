import type { EntityManager } from 'typeorm';
import { tablesOfGeneration } from '../../project/tables.js';
import type { AsOf } from '../as-of/as-of.js';
import { oneIncident, publishers, severalIncidents, SEALED_POINTERS, unknownActors } from './incident-list.sql.js';
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

/** Of those of these ids that had been recorded by then. */
export async function readIncidents(
  tx: EntityManager,
  { position, generation }: AsOf,
  incidentIds: readonly string[],
): Promise<IncidentState[]> {
  if (incidentIds.length === 0) return [];
  const text = severalIncidents(tablesOfGeneration(generation));
  return (await tx.query<IncidentRow[]>(text, [incidentIds, position])).map(toIncidentState);
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

/** Which of some texts are part of no actor's name, in any incident that was recorded by then. */
export async function readUnknownActors(
  tx: EntityManager,
  { position, generation }: AsOf,
  texts: readonly string[],
): Promise<string[]> {
  if (texts.length === 0) return [];
  const rows = await tx.query<{ text: string }[]>(unknownActors(tablesOfGeneration(generation)), [texts, position]);
  return rows.map(({ text }) => text);
}
