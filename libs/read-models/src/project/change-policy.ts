import type { ConversionPolicy } from '#app/domain';
import { parseLeaf } from '#app/log';
import type { ClientBase, Pool } from 'pg';
import type { BatchRows } from './batch-rows.js';
import { IncidentStates } from './incident-states.js';
import { loadIncidents } from './load-incidents.js';
import type { ProjectionEvent } from './projection-event.js';
import { RecordStates } from './record-states.js';
import { dependentsOf, refreshIncidents } from './show-incident.js';
import type { Tables } from './tables.js';

/** Incidents that are in memory at once. */
const CHUNK = 500;

const vagueIncidents = (tables: Tables): string => `
  SELECT DISTINCT incident_id FROM ${tables.report}
   WHERE vague AND to_position IS NULL AND incident_id > $1 ORDER BY incident_id LIMIT ${CHUNK}`;
const FIRST = '00000000-0000-0000-0000-000000000000';

/**
 * Folds again every incident in which a vague word counts, and posts the differences at the position of the activation.
 * A chunk at a time: reads the tables, so they must hold everything up to the event.
 * @param rows of the event; the differences are added
 */
export async function refoldUnderPolicy(
  db: Pool | ClientBase,
  tables: Tables,
  {
    event,
    before,
    after,
    rows,
  }: { event: ProjectionEvent; before: ConversionPolicy; after: ConversionPolicy; rows: BatchRows },
): Promise<void> {
  const at = { position: event.position, eventId: parseLeaf(event.leaf).id };
  const done = new Set<string>();
  for (let last: string | undefined = FIRST; last !== undefined; ) {
    const found: { rows: { incident_id: string }[] } = await db.query(vagueIncidents(tables), [last]);
    const incidentIds = found.rows.map(({ incident_id: incidentId }) => incidentId);
    last = incidentIds.at(-1);
    const states = new IncidentStates(before);
    await loadIncidents(db, tables, { states, incidentIds });
    const dependents = [...dependentsOf(states, withHolders(states, incidentIds))].filter((id) => !done.has(id));
    for (const incidentId of dependents) done.add(incidentId);
    states.policy = after;
    refreshIncidents(dependents, at, { states, records: new RecordStates(), rows });
  }
}

/** Reports that were split out count elsewhere. */
function withHolders(states: IncidentStates, incidentIds: readonly string[]): string[] {
  return incidentIds.flatMap((incidentId) => [
    incidentId,
    ...states.open(incidentId).decisions.flatMap(({ kind, other }) => (kind === 'SPLIT_OUT' && other ? [other] : [])),
  ]);
}
