import { Problem } from '#app/http-edge';
import {
  type AsOf,
  type ChangeKey,
  type ChangeRange,
  countChanges,
  type IncidentChange,
  type IncidentFilter,
  matchesFilter,
  readChanges,
  readRefoldedChanges,
  REFOLDS_MAX,
  refoldedWithin,
  type Touched,
} from '#app/read-models';
import type { EntityManager } from 'typeorm';

export interface ChangePage {
  changes: IncidentChange[];
  /** The events behind them, with the incidents by which they are found. */
  touched: Touched[];
  after: ChangeKey | null;
  total: number;
  events: number;
}

interface Counted {
  total: number;
  events: number;
}

/** A page of what changed for a filter; with `until` of what had been published by then. */
export async function readPage(
  tx: EntityManager,
  asOf: AsOf,
  { range, filter, until }: { range: ChangeRange; filter: IncidentFilter; until: Date | null },
  { limit, cursor }: { limit: number; cursor: ({ after: ChangeKey } & Counted) | null },
): Promise<ChangePage> {
  const except = until === null ? [] : await refoldedWithin(tx, asOf, range, until);
  const refolded =
    until === null
      ? { changes: [], touched: [] }
      : await readRefoldedChanges(tx, asOf, { range, until, incidentIds: except });
  if (refolded === null) {
    throw new Problem(
      'TOO_MANY_CHANGES',
      `under publishedUntil more than ${REFOLDS_MAX} changes would have to be worked out again; ask for ends nearer to each other`,
    );
  }
  const request = { range, filter, except };
  const recorded = await readChanges(tx, asOf, request, { limit, after: cursor?.after ?? null });
  const counting = refolded.changes.filter(
    ({ before, after }) => matchesFilter(after, filter) || (before !== null && matchesFilter(before, filter)),
  );
  const more = counting.filter((change) => cursor === null || compare(keyOf(change), cursor.after) > 0);
  const merged = [...recorded.changes, ...more].toSorted((a, b) => compare(keyOf(a), keyOf(b)));
  const { total, events } = cursor ?? (await countAll(tx, asOf, request, counting));
  const changes = merged.slice(0, limit);
  const last = changes.at(-1);
  const isMore = recorded.after !== null || merged.length > limit;
  const shown = new Set(changes.map(({ position }) => position));
  return {
    changes,
    touched: [
      ...changes.map(({ position, after: { incidentId } }) => ({ position, incidentId })),
      ...refolded.touched.filter(({ position }) => shown.has(position)),
    ],
    after: isMore && last !== undefined ? keyOf(last) : null,
    total,
    events,
  };
}

async function countAll(
  tx: EntityManager,
  asOf: AsOf,
  request: Parameters<typeof countChanges>[2],
  refolded: readonly IncidentChange[],
): Promise<Counted> {
  const positions = [...new Set(refolded.map(({ position }) => position))];
  const { total, events } = await countChanges(tx, asOf, request, positions);
  return { total: total + refolded.length, events: events + positions.length };
}

const keyOf = ({ position, after: { incidentId } }: IncidentChange): ChangeKey => [position, incidentId];

function compare([position, id]: ChangeKey, [otherPosition, otherId]: ChangeKey): number {
  return position - otherPosition || (id < otherId ? -1 : id > otherId ? 1 : 0);
}
