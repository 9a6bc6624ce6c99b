import {
  type ChangeCause,
  countChanges,
  type IncidentChange,
  type IncidentFilter,
  readCauses,
  readChanges,
  resolveAsOf,
} from '#app/read-models';
import type { EntityManager } from 'typeorm';
import type { ReadDatabase } from '../database/read-database.js';
import type { ChangeEventDto } from './changes.dto.js';

/** Changes read at once: what a stream holds of a reader who takes nothing, and there may be many. */
const PAGE_CHANGES = 100;
/** Incidents named in one event; a new conversion policy may change a hundred thousand. */
const NAMED_MAX = 100;

export interface ChangeEvents {
  events: ChangeEventDto[];
  /** Everything up to this position has been read. */
  upTo: number;
  /** More may follow at once. */
  hasMore: boolean;
}

/** What changed after a position, an event of the log at a time and none of them in parts. */
export function readChangeEvents(
  database: ReadDatabase,
  from: number,
  filter: IncidentFilter | null,
): Promise<ChangeEvents> {
  return database.read(async (tx) => {
    const head = await resolveAsOf(tx, { kind: 'head' });
    // Behind what was read before: a rebuild has just been put in place and catches up.
    if (head.kind !== 'found' || head.asOf.position <= from) return { events: [], upTo: from, hasMore: false };
    const { asOf } = head;
    const range = { from, to: asOf.position };
    const { changes, after } = await readChanges(tx, asOf, { range, filter }, { limit: PAGE_CHANGES, after: null });
    const last = changes.at(-1)?.position ?? asOf.position;
    const whole = after === null ? changes : changes.filter(({ position }) => position < last);
    const isCut = after !== null && whole.length === 0;
    const shown = isCut ? changes : whole;
    const events = await describe(tx, asOf, shown);
    if (isCut && events[0] !== undefined) {
      const { total } = await countChanges(tx, asOf, { range: { from: last - 1, to: last }, filter });
      events[0].changed = total;
    }
    const upTo = after === null ? asOf.position : (shown.at(-1)?.position ?? last);
    return { events, upTo, hasMore: after !== null };
  });
}

async function describe(
  tx: EntityManager,
  asOf: Parameters<typeof readCauses>[1],
  changes: readonly IncidentChange[],
): Promise<ChangeEventDto[]> {
  if (changes.length === 0) return [];
  const causes = await readCauses(
    tx,
    asOf,
    changes.map(({ position, after: { incidentId } }) => ({ position, incidentId })),
  );
  const byPosition = new Map<number, IncidentChange[]>();
  for (const change of changes) byPosition.set(change.position, [...(byPosition.get(change.position) ?? []), change]);
  return [...byPosition].map(([position, members]) => eventOf(position, members, causes.get(position)));
}

function eventOf(position: number, changes: readonly IncidentChange[], cause: ChangeCause | undefined): ChangeEventDto {
  return {
    position,
    recordedAt: cause?.recordedAt ?? '',
    eventType: cause?.eventType ?? 'OTHER',
    reason: cause?.reason ?? 'OTHER',
    by: cause?.by ?? null,
    report: cause?.report ?? null,
    changed: changes.length,
    incidents: changes.slice(0, NAMED_MAX).map(({ after: state }) => ({
      id: state.incidentId,
      ref: state.ref,
      publisher: state.publisher,
      version: state.version,
      status: state.status,
      survivor: state.survivor,
      verification: state.verification,
      incidentType: state.incidentType,
      start: state.startDate,
    })),
  };
}
