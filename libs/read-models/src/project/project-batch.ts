import { conversionPolicy1 } from '#app/domain';
import type { ClientBase } from 'pg';
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
 * that transaction fails. Live, rebuild and replay all come through here.
 * @returns the rows written, with the number of postings of each event
 * @throws UnfoldableEventError
 */
export async function projectBatch(
  tx: ClientBase,
  target: ProjectionTarget,
  events: readonly ProjectionEvent[],
): Promise<BatchRows> {
  const { states, tables, balanced } = target;
  await loadIncidents(tx, tables, { states, incidentIds: unknownIncidents(states, events) });
  const rows = foldBatch(states, events, balanced);
  await writeBatch(tx, tables, rows);
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
