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
  refoldedChanges,
  REFOLDS_MAX,
  refoldedWithin,
  TooManyRefoldsError,
} from '#app/read-models';
import type { EntityManager } from 'typeorm';

export interface ChangePage {
  changes: IncidentChange[];
  after: ChangeKey | null;
  total: number;
  events: number;
}

interface Counted {
  total: number;
  events: number;
}

interface Asked {
  range: ChangeRange;
  filter: IncidentFilter;
  until: Date | null;
}

/** A page of what changed for a filter; with `until` of what had been published by then. */
export async function readPage(
  tx: EntityManager,
  asOf: AsOf,
  asked: Asked,
  { limit, cursor }: { limit: number; cursor: ({ after: ChangeKey } & Counted) | null },
): Promise<ChangePage> {
  const { range, filter, until } = asked;
  const except = until === null ? [] : await refoldedWithin(tx, asOf, range, until);
  const request = { range, filter, except };
  const after = cursor?.after ?? null;
  const recorded = await readChanges(tx, asOf, request, { limit, after });
  const refolded = await readRefolded(tx, asOf, { ...asked, incidentIds: except }, { limit, after });
  const merged = [...recorded.changes, ...refolded.first].toSorted(byKey);
  const { total, events } = cursor ?? (await countAll(tx, asOf, request, refolded));
  const changes = merged.slice(0, limit);
  const last = changes.at(-1);
  const isMore = recorded.after !== null || merged.length > limit;
  return { changes, after: isMore && last !== undefined ? keyOf(last) : null, total, events };
}

interface Refolded {
  /** One more than the page takes, where there are more. */
  first: IncidentChange[];
  /** Counted on the first page alone. */
  total: number;
  positions: number[];
}

/** Of the changes that are folded again those of a page; on the first page all are looked at and counted. */
async function readRefolded(
  tx: EntityManager,
  asOf: AsOf,
  { range, filter, until, incidentIds }: Asked & { incidentIds: readonly string[] },
  { limit, after }: { limit: number; after: ChangeKey | null },
): Promise<Refolded> {
  const found: Refolded = { first: [], total: 0, positions: [] };
  if (until === null) return found;
  const left = after === null ? range : { ...range, from: after[0] - 1 };
  try {
    for await (const { changes, upTo } of refoldedChanges(tx, asOf, { range: left, until, incidentIds })) {
      const counting = changes.filter(
        ({ before, after: is }) => matchesFilter(is, filter) || (before !== null && matchesFilter(before, filter)),
      );
      found.total += counting.length;
      for (const { position } of counting) if (found.positions.at(-1) !== position) found.positions.push(position);
      const more = counting.filter((change) => after === null || compare(keyOf(change), after) > 0);
      found.first = [...found.first, ...more].toSorted(byKey).slice(0, limit + 1);
      if (after !== null && (found.first[limit]?.position ?? Infinity) <= upTo) break;
    }
  } catch (error) {
    if (!(error instanceof TooManyRefoldsError)) throw error;
    throw new Problem(
      'TOO_MANY_CHANGES',
      `under publishedUntil more than ${REFOLDS_MAX} changes would have to be worked out again; ask for ends nearer to each other`,
    );
  }
  return found;
}

async function countAll(
  tx: EntityManager,
  asOf: AsOf,
  request: Parameters<typeof countChanges>[2],
  refolded: Pick<Refolded, 'total' | 'positions'>,
): Promise<Counted> {
  const { total, events } = await countChanges(tx, asOf, request, refolded.positions);
  return { total: total + refolded.total, events: events + refolded.positions.length };
}

const keyOf = ({ position, after: { incidentId } }: IncidentChange): ChangeKey => [position, incidentId];

function byKey(a: IncidentChange, b: IncidentChange): number {
  return compare(keyOf(a), keyOf(b));
}

function compare([position, id]: ChangeKey, [otherPosition, otherId]: ChangeKey): number {
  return position - otherPosition || (id < otherId ? -1 : id > otherId ? 1 : 0);
}
