import { conversionPolicy1 } from '#app/domain';
import type { ClientBase, Pool } from 'pg';
import type { BatchRows } from './batch-rows.js';
import { foldBatch } from './fold-batch.js';
import { IncidentStates } from './incident-states.js';
import { loadIncidents } from './load-incidents.js';
import type { ProjectionEvent } from './projection-event.js';
import type { Tables } from './tables.js';
import { writeBatch } from './write-batch.js';

/** A set of tables that events are projected into, and what is remembered of it between batches. */
export class ProjectionTarget {
  readonly states = new IncidentStates(conversionPolicy1);

  /** @param balanced whether balances are kept with every batch, or summed from the postings after a load */
  constructor(
    readonly tables: Tables,
    public balanced: boolean,
  ) {}

  /** After a roll-back, or when somebody else has moved the checkpoint: memory no longer mirrors the tables. */
  forget(): void {
    this.states.clear();
  }
}

/**
 * Writes what events, in the order of their positions, cause: reports, versions, postings, balances, moments, publishers.
 *
 * The caller's transaction must hold the checkpoint of the target and move it; the caller must `forget` the target when
 * that transaction fails. Live, rebuild and replay all come through here or through the two halves below.
 * @returns the rows written, with the number of postings of each event
 * @throws UnfoldableEventError
 */
export async function projectBatch(
  tx: ClientBase,
  target: ProjectionTarget,
  events: readonly ProjectionEvent[],
): Promise<BatchRows> {
  const rows = await foldEvents(tx, target, events);
  await writeBatch(tx, target.tables, rows);
  return rows;
}

/**
 * The first half: what the events cause, nothing written. The batch before may still be on its way to the database, but
 * no earlier one: memory knows the incidents of two batches, and everything else is loaded.
 */
export async function foldEvents(
  db: Pool | ClientBase,
  { states, tables, balanced }: ProjectionTarget,
  events: readonly ProjectionEvent[],
): Promise<BatchRows> {
  await loadIncidents(db, tables, { states, incidentIds: unknownIncidents(states, events) });
  const rows = await foldBatch(states, events, balanced);
  states.settle();
  return rows;
}

/** Incidents that must be loaded: neither known nor begun in this batch. */
function unknownIncidents(states: IncidentStates, events: readonly ProjectionEvent[]): string[] {
  const begun = new Set<string>();
  const unknown = new Set<string>();
  for (const { incidentId, first } of events) {
    if (incidentId === null || begun.has(incidentId) || states.has(incidentId)) continue;
    if (first) begun.add(incidentId);
    else unknown.add(incidentId);
  }
  return [...unknown];
}
