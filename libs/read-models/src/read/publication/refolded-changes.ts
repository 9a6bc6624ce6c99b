import type { EntityManager } from 'typeorm';
import { tablesOfGeneration } from '../../project/tables.js';
import type { AsOf } from '../as-of/as-of.js';
import type { ChangeRange, IncidentChange } from '../changes/changes.js';
import type { IncidentState } from '../incidents/incident-row.js';
import { Publication } from './publication.js';
import { laterPublishedWithin, tiedWithin, touchedWithin } from './refolded-changes.sql.js';

/** So many places where an incident may have changed are folded for one answer: bounds its time and its memory. */
export const REFOLDS_MAX = 2_000;

/** An event that was recorded under an incident, or decided on it. */
export interface Touched {
  position: number;
  incidentId: string;
}

/** What changed under a publication where it is not what is recorded. */
export interface RefoldedChanges {
  changes: IncidentChange[];
  /** Under which incidents the events behind them were recorded. */
  touched: Touched[];
}

/**
 * The incidents that may count otherwise than recorded somewhere in a range, and all that decisions tied to them there: at
 * each position of the range whole components, so that what is recorded of all others is what had been published.
 */
export async function refoldedWithin(
  tx: EntityManager,
  { generation }: Pick<AsOf, 'generation'>,
  { from, to }: ChangeRange,
  until: Date,
): Promise<string[]> {
  const tables = tablesOfGeneration(generation);
  type Row = { incident_id: string };
  let next = (await tx.query<Row[]>(laterPublishedWithin(tables), [from, to, until])).map((row) => row.incident_id);
  const known = new Set(next);
  while (next.length > 0) {
    const tied = await tx.query<Row[]>(tiedWithin(tables), [from, to, next.join(',')]);
    next = tied.map((row) => row.incident_id).filter((id) => !known.has(id));
    for (const id of next) known.add(id);
  }
  return [...known];
}

/**
 * What each event of a range changed in the incidents of `refoldedWithin`, in the order of the events: their components are
 * folded before and after it, of what had been published.
 *
 * @returns null where more than REFOLDS_MAX would have to be folded
 */
export async function readRefoldedChanges(
  tx: EntityManager,
  asOf: AsOf,
  { range: { from, to }, until, incidentIds }: { range: ChangeRange; until: Date; incidentIds: readonly string[] },
): Promise<RefoldedChanges | null> {
  if (incidentIds.length === 0) return { changes: [], touched: [] };
  const values = [from, to, incidentIds.join(','), until, REFOLDS_MAX + 1];
  const text = touchedWithin(tablesOfGeneration(asOf.generation));
  const rows = await tx.query<{ position: string; incident_id: string }[]>(text, values);
  if (rows.length > REFOLDS_MAX) return null;
  const touched = rows.map((row) => ({ position: Number(row.position), incidentId: row.incident_id }));
  const changes: IncidentChange[] = [];
  const byPosition = new Map<number, string[]>();
  for (const { position, incidentId } of touched) {
    byPosition.set(position, [...(byPosition.get(position) ?? []), incidentId]);
  }
  for (const [position, ids] of byPosition) {
    changes.push(...(await changesAt(tx, { ...asOf, position }, ids, until)));
  }
  return { changes, touched };
}

async function changesAt(
  tx: EntityManager,
  asOf: AsOf,
  ids: readonly string[],
  until: Date,
): Promise<IncidentChange[]> {
  const { position } = asOf;
  const earlier = { ...asOf, position: position - 1 };
  // What a merge brought together is one before it and another after it: both sides of each are looked at.
  const together = await Publication.ofIncidents(tx, asOf, ids, until);
  const apart = await Publication.ofIncidents(tx, earlier, [...ids, ...together.refoldedIds], until);
  const whole = await Publication.ofIncidents(tx, asOf, apart.refoldedIds, until);
  const [before, after] = [await statesOf(tx, apart), await statesOf(tx, whole)];
  return [...new Set([...before.keys(), ...after.keys()])].toSorted().flatMap((incidentId): IncidentChange[] => {
    const [was = null, is] = [before.get(incidentId), after.get(incidentId)];
    if (is !== undefined) return isSame(was, is) ? [] : [{ position, before: was, after: { ...is, position } }];
    return was === null ? [] : [{ position, before: was, after: gone(was, whole.rootOf(incidentId), position) }];
  });
}

/** Nothing of it counts any more, or it counts under another. */
function gone(was: IncidentState, root: string, position: number): IncidentState {
  return root === was.incidentId
    ? { ...was, position, status: 'WITHDRAWN' }
    : { ...was, position, status: 'MERGED', survivor: root };
}

async function statesOf(tx: EntityManager, publication: Publication): Promise<Map<string, IncidentState>> {
  const states = new Map<string, IncidentState>();
  for await (const some of publication.refolded(tx)) for (const state of some) states.set(state.incidentId, state);
  return states;
}

function isSame(was: IncidentState | null, is: IncidentState): boolean {
  return was !== null && JSON.stringify({ ...was, position: 0 }) === JSON.stringify({ ...is, position: 0 });
}
