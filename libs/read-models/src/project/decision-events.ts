import { applyDecision, type DecisionEvent } from '#app/domain';
import { parseLeaf } from '#app/log';
import { decisionColumns, ENDED_SEQ, endedColumns } from './decision-columns.js';
import type { Batch, EventHandler } from './event-handler.js';
import type { ProjectionEvent } from './projection-event.js';
import { dependentsOf, refreshIncidents } from './show-incident.js';

/** Decisions of stewards on incidents: rows of `decision`, and whatever they change in the figures of several incidents. */
export const decisionEvents: EventHandler = {
  needs: (recorded) => ({ incidents: namedBy(readDecision(recorded)) }),

  fold(recorded: ProjectionEvent, batch: Batch): void {
    const event = readDecision(recorded);
    const { states, rows } = batch;
    const touched = new Set(namedBy(event));
    for (const incidentId of touched) states.open(incidentId);
    const changes = applyDecision(states, event);
    for (const { incidentId } of changes) touched.add(incidentId);
    const dependents = dependentsOf(states, touched);
    for (const { incidentId, closed, opened } of changes) {
      const state = states.open(incidentId);
      state.decisions = [...state.decisions.filter((decision) => !closed.includes(decision)), ...opened];
      for (const { position, seq } of closed) rows.decisions.close(incidentId, position, event.position, String(seq));
      for (const decision of opened) {
        rows.decisions.open(incidentId, event.position, decisionColumns(decision), String(decision.seq));
      }
      if (opened.length === 0) tellEnd(incidentId, readDecision(recorded), batch);
    }
    if (changes.length === 0) return;
    for (const incidentId of dependentsOf(states, touched)) dependents.add(incidentId);
    refreshIncidents(dependents, event, batch);
  },
};

/** An event that only ends decisions has a row that stands for no time: which event it was, and whose. */
function tellEnd(incidentId: string, { position, eventId, actor }: DecisionEvent, { rows }: Batch): void {
  rows.decisions.open(incidentId, position, endedColumns({ eventId, actor }), ENDED_SEQ);
  rows.decisions.close(incidentId, position, position, ENDED_SEQ);
}

function readDecision({ leaf, position }: ProjectionEvent): DecisionEvent {
  const { id: eventId, type, actor, data } = parseLeaf(leaf);
  return { type, position, eventId, actor, data } as DecisionEvent;
}

function namedBy(event: DecisionEvent): string[] {
  if ('survivor' in event.data) return [event.data.survivor, ...event.data.absorbed];
  return event.type === 'IncidentSplit' ? [event.data.incident, event.data.into] : [event.data.incident];
}
