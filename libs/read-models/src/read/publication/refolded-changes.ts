import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import { tablesOfGeneration } from '../../project/tables.js';
import type { AsOf } from '../as-of/as-of.js';
import type { ChangeRange, IncidentChange } from '../changes/changes.js';
import type { IncidentState } from '../incidents/incident-row.js';
import { PublishedHistory, type PublishedMoment } from './published-history.js';
import { laterPublishedWithin, touchedWithin } from './refolded-changes.sql.js';
import { withTied } from './ties.js';

/**
 * So many places where an incident may have changed are folded for one answer. It bounds how often, not how long: each takes
 * longer the more reports its component has. Others have their turn between two positions.
 */
export const REFOLDS_MAX = 250_000;
/** So many are in memory with their reports. */
const WINDOW = 1_000;

/** An event that was recorded under an incident, or decided on it. */
interface Touched {
  position: number;
  incidentId: string;
}

/**
 * The incidents that may count otherwise than recorded somewhere in a range, and all that decisions tied to them there: at
 * each position of the range whole components, so that what is recorded of all others is what had been published.
 */
export async function refoldedWithin(
  tx: EntityManager,
  asOf: Pick<AsOf, 'generation'>,
  range: ChangeRange,
  until: Date,
): Promise<string[]> {
  const text = laterPublishedWithin(tablesOfGeneration(asOf.generation));
  const rows = await tx.query<{ incident_id: string }[]>(text, [range.from, range.to, until]);
  const later = rows.map(({ incident_id: id }) => id);
  return [...(await withTied(tx, asOf, range, later))];
}

/** Some of the changes, and the last position of which all have been told by now. */
export interface RefoldedChanges {
  changes: IncidentChange[];
  upTo: number;
}

/**
 * What each event of a range changed in the incidents of `refoldedWithin`, in the order of the events, a window at a time:
 * their components are folded before and after it, of what had been published.
 *
 * @throws TooManyRefoldsError before the first of them
 */
export async function* refoldedChanges(
  tx: EntityManager,
  asOf: Pick<AsOf, 'generation'>,
  { range, until, incidentIds }: { range: ChangeRange; until: Date; incidentIds: readonly string[] },
): AsyncGenerator<RefoldedChanges, void, undefined> {
  if (incidentIds.length === 0) return;
  const values = [range.from, range.to, incidentIds.join(','), until, REFOLDS_MAX + 1];
  const text = touchedWithin(tablesOfGeneration(asOf.generation));
  const rows = await tx.query<{ position: string; incident_id: string }[]>(text, values);
  if (rows.length > REFOLDS_MAX) throw new TooManyRefoldsError();
  const told = new Told();
  for (let first = 0; first < rows.length; first += WINDOW) {
    const touched = rows
      .slice(first, first + WINDOW)
      .map((row): Touched => ({ position: Number(row.position), incidentId: row.incident_id }));
    const next = rows[first + WINDOW];
    yield {
      changes: told.only(await changesOf(tx, asOf, touched, until)),
      upTo: next === undefined ? range.to : Number(next.position) - 1,
    };
  }
}

/** More than REFOLDS_MAX would have to be folded. */
export class TooManyRefoldsError extends Error {
  override readonly name = 'TooManyRefoldsError';
}

/** A window may end within an event, and the next one meet incidents of the same components. */
class Told {
  #position = -1;
  #incidents = new Set<string>();

  /** Those that were not told yet. */
  only(changes: readonly IncidentChange[]): IncidentChange[] {
    return changes.filter(({ position, after: { incidentId } }) => {
      if (position !== this.#position) {
        this.#position = position;
        this.#incidents = new Set();
      }
      return !this.#incidents.has(incidentId) && this.#incidents.add(incidentId);
    });
  }
}

async function changesOf(
  tx: EntityManager,
  asOf: Pick<AsOf, 'generation'>,
  touched: readonly Touched[],
  until: Date,
): Promise<IncidentChange[]> {
  const byPosition = new Map<number, string[]>();
  for (const { position, incidentId } of touched) {
    const known = byPosition.get(position);
    if (known === undefined) byPosition.set(position, [incidentId]);
    else known.push(incidentId);
  }
  const positions = [...byPosition.keys()];
  const range = { from: (positions[0] ?? 0) - 1, to: positions.at(-1) ?? 0 };
  const incidentIds = [...new Set(touched.map(({ incidentId }) => incidentId))];
  const history = await PublishedHistory.read(tx, asOf, { range, incidentIds, until });
  const changes: IncidentChange[][] = [];
  for (const [position, ids] of byPosition) {
    changes.push(changesAt(history, position, ids));
    // A window may take seconds, and whoever asks for something else must not wait for it.
    await nextTurn();
  }
  return changes.flat();
}

function changesAt(history: PublishedHistory, position: number, touched: readonly string[]): IncidentChange[] {
  const [apart, whole] = [history.at(position - 1), history.at(position)];
  const ids = tiedBeforeOrAfter(apart, whole, touched);
  const [before, after] = [apart.states(ids), whole.states(ids)];
  return [...new Set([...before.keys(), ...after.keys()])].toSorted().flatMap((incidentId): IncidentChange[] => {
    const [was = null, is] = [before.get(incidentId), after.get(incidentId)];
    if (is !== undefined) return isSame(was, is) ? [] : [{ position, before: was, after: { ...is, position } }];
    return was === null ? [] : [{ position, before: was, after: gone(was, whole.rootOf(incidentId), position) }];
  });
}

/** What a merge brought together is one before it and another after it: both sides of each are looked at. */
function tiedBeforeOrAfter(apart: PublishedMoment, whole: PublishedMoment, touched: readonly string[]): Set<string> {
  let ids = new Set(touched);
  for (let size = 0; size < ids.size; ) {
    size = ids.size;
    ids = apart.tied(whole.tied(ids));
  }
  return ids;
}

/** Nothing of it counts any more, or it counts under another. */
function gone(was: IncidentState, root: string, position: number): IncidentState {
  return root === was.incidentId
    ? { ...was, position, status: 'WITHDRAWN' }
    : { ...was, position, status: 'MERGED', survivor: root };
}

function isSame(was: IncidentState | null, is: IncidentState): boolean {
  return was !== null && JSON.stringify(was) === JSON.stringify(is);
}
