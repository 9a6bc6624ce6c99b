import type { Place, Placements } from '#app/domain';
import { builtInSha256, findNewestSet, loadBoundarySet } from '#app/gazetteer';
import { BOUNDARY_SET, type BoundarySet, placeInSets } from '#app/geography';
import { type EventDataByType, parseLeaf } from '#app/log';
import type { ClientBase } from 'pg';

/** Where every active boundary set puts a public place. */
export type PlaceInSets = (place: Place) => Placements;

/** A set as its newest activation has it. */
export interface ActiveSet {
  name: string;
  sha256: string;
  /** Of the activation. */
  position: number;
  /** Event id of the activation. */
  eventId: string;
}

/** An activated set is not in the gazetteer (any more): recording waits until it is, nothing may be recorded unplaced. */
export class BoundarySetMissingError extends Error {
  override readonly name = 'BoundarySetMissingError';
  /** As a database that is not ready: the batch is tried again, never refused. */
  readonly code = '57P03';
}

/**
 * The boundary sets that place what is recorded. A recording transaction holds them: an activation waits for it, and what
 * is recorded after an activation is placed by it too.
 */
export class ActiveBoundarySets {
  private loaded: { upTo: number; place: PlaceInSets } | null = null;

  constructor(private readonly logId: number) {}

  /** One round trip; the sets themselves are loaded again only after another activation. */
  async hold(tx: ClientBase): Promise<PlaceInSets> {
    const { rows } = await tx.query<{ position: number }>(
      'SELECT gazetteer.hold_active($1::smallint)::float8 AS position',
      [this.logId],
    );
    const upTo = rows[0]?.position ?? -1;
    if (this.loaded?.upTo !== upTo) this.loaded = { upTo, place: await this.load(tx) };
    return this.loaded.place;
  }

  private async load(tx: ClientBase): Promise<PlaceInSets> {
    const sets: BoundarySet[] = [];
    for (const active of await activeBoundarySets(tx, this.logId)) sets.push(await loadActive(tx, active));
    return (place) => placeInSets(sets, place);
  }
}

/** @throws BoundarySetMissingError */
export async function loadActive(tx: ClientBase, active: Pick<ActiveSet, 'name' | 'sha256'>): Promise<BoundarySet> {
  const set = await loadBoundarySet(tx, active, true);
  if (set !== null) return set;
  throw new BoundarySetMissingError(
    `the active boundary set ${active.name} (sha256 ${active.sha256}) is not in the gazetteer: restore or import it again`,
  );
}

/** Every activation, in the order of the log. */
export async function activations(tx: ClientBase, logId: number): Promise<ActiveSet[]> {
  const { rows } = await tx.query<{ leaf: string }>(
    "SELECT leaf FROM ledger.event WHERE log_id = $1 AND type = 'BoundarySetActivated' ORDER BY position",
    [logId],
  );
  return rows.map(({ leaf }) => {
    const event = parseLeaf(leaf);
    const { name, sha256 } = event.data as EventDataByType['BoundarySetActivated'];
    return { name, sha256, position: event.position, eventId: event.id };
  });
}

/** What is active now, by name. */
export async function activeBoundarySets(tx: ClientBase, logId: number): Promise<ActiveSet[]> {
  const newest = new Map((await activations(tx, logId)).map((one) => [one.name, one]));
  return [...newest.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * The set that an ACTIVATE_BOUNDARY_SET names, as it was imported last; null when nobody imported it. Until the transaction
 * ends nothing else is recorded, so it comes before the event is drafted.
 */
export async function findBoundarySet(tx: ClientBase, name: string): Promise<{ name: string; sha256: string } | null> {
  await tx.query('SELECT gazetteer.hold_for_activation()');
  if (name === BOUNDARY_SET) return { name, sha256: builtInSha256() };
  const newest = await findNewestSet(tx, name);
  return newest === null ? null : { name, sha256: newest.sha256 };
}
