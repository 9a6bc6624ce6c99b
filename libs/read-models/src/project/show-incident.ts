import { type IncidentFigures, membersOf, postingsBetween, rootOf } from '#app/domain';
import type { Batch } from './event-handler.js';
import type { IncidentState, IncidentStates } from './incident-states.js';

/**
 * Folds incidents again after an event has changed what counts in them: posts the differences at its position and opens
 * versions where a reader sees something else. All must have been open before the change.
 */
export function refreshIncidents(
  incidentIds: Iterable<string>,
  { position, eventId }: { position: number; eventId: string },
  batch: Batch,
): void {
  let postings = 0;
  for (const incidentId of incidentIds) postings += refreshIncident(batch.states.open(incidentId), position, batch);
  batch.rows.traces.push({ position, eventId, postings });
}

/** Incidents whose figures or versions depend on these: their roots, and all that count under the same ones. */
export function dependentsOf(states: IncidentStates, incidentIds: Iterable<string>): Set<string> {
  const dependents = new Set<string>();
  for (const incidentId of incidentIds) {
    if (states.open(incidentId).decisions.length === 0) dependents.add(incidentId);
    else for (const member of membersOf(states, rootOf(states, incidentId))) dependents.add(member);
  }
  return dependents;
}

function refreshIncident(state: IncidentState, position: number, { states, rows }: Batch): number {
  const { incidentId, figures: before } = state;
  state.figures = states.figuresOf(state);
  const postings = postingsBetween(before, state.figures, { position, incidentId });
  for (const posting of postings) {
    const [cell, figure] = [rows.codes.cellOf(posting), rows.codes.figureOf(posting)];
    rows.postings.add(posting, cell, figure);
    rows.balances?.add(posting, cell, figure);
  }
  if (showVersion(state, position, { states, rows }) && (before !== null || state.figures !== null)) {
    rows.candidates.push({ kind: 'FIGURES', position, incidentId, before, after: state.figures });
  }
  notePublisher(state.figures, position, { states, rows });
  return postings.length;
}

/** Opens a version when something a reader can see has changed. */
function showVersion(
  state: IncidentState,
  position: number,
  { states, rows }: Pick<Batch, 'states' | 'rows'>,
): boolean {
  const columns = states.versionOf(state);
  if (columns === null || columns === state.shown) return false;
  const { incidentId, last } = state;
  if (state.version > 0) rows.versions.close(incidentId, state.versionFrom, position);
  state.version += 1;
  state.versionFrom = position;
  state.shown = columns;
  if (last !== null) state.home = { source: last.publisher, ref: last.ref };
  rows.versions.open(incidentId, position, [`${state.version}\t`, columns]);
  return true;
}

function notePublisher(
  figures: IncidentFigures | null,
  position: number,
  { states, rows }: Pick<Batch, 'states' | 'rows'>,
): void {
  if (figures === null || states.knownPublishers.has(figures.publisher)) return;
  states.knownPublishers.add(figures.publisher);
  rows.publishers.set(figures.publisher, position);
}
