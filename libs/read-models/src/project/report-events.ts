import { applyToIncident, type IncidentEvent, isSameReport } from '#app/domain';
import type { Batch, EventHandler } from './event-handler.js';
import type { IncidentState } from './incident-states.js';
import { type ProjectionEvent, readIncidentEvent } from './projection-event.js';
import { reportColumns } from './report-columns.js';
import { dependentsOf, refreshIncidents } from './show-incident.js';

/** ReportRecorded and ReportWithdrawn: the stream is the incident under which the report was recorded. */
export const reportEvents: EventHandler = {
  needs: ({ stream, first }) => (first ? { begins: stream } : { incidents: [stream] }),

  fold(recorded: ProjectionEvent, batch: Batch): void {
    const { event, text } = readIncidentEvent(recorded);
    const state = batch.states.open(recorded.stream);
    const touched = state.decisions.length === 0 ? [state.incidentId] : touchedBy(event, state, batch);
    if (applyReport(state, { event, text }, batch)) refreshIncidents(touched, event, batch);
  },
};

/** Where the report counts: at home, in whatever home was merged into, or where a split has put it. */
function touchedBy(event: IncidentEvent, { incidentId, decisions }: IncidentState, { states }: Batch): Set<string> {
  const { source } = event;
  const reportId = event.type === 'ReportRecorded' ? event.data.report.reportId : event.data.reportId;
  const holders = [incidentId];
  for (const { kind, other, body } of decisions) {
    if (kind === 'SPLIT_OUT' && other !== null && isSameReport(body, { source, reportId })) holders.push(other);
  }
  return dependentsOf(states, holders);
}

/**
 * A late revision counts for nothing that is recorded, but it may be all that had been published by an earlier moment:
 * its row begins and ends at once.
 */
function keepLate(
  { incidentId, active }: IncidentState,
  { event, text }: { event: IncidentEvent; text: string | null },
  { reports }: Batch['rows'],
): void {
  const [state] = applyToIncident([], event).opened;
  if (state === undefined) return;
  const isLate = active.some((known) => isSameReport(known.state, state) && known.state.revision > state.revision);
  if (!isLate || state.kind === 'WITHDRAWN') return;
  reports.open(incidentId, event.position, reportColumns({ state, text }), state.eventId);
  reports.close(incidentId, event.position, event.position, state.eventId);
}

/** Moves the active reports on. False when the event changes none: a late revision, or one that was withdrawn before. */
function applyReport(
  state: IncidentState,
  { event, text }: { event: IncidentEvent; text: string | null },
  { rows }: Batch,
): boolean {
  const { incidentId } = state;
  const { closed, opened } = applyToIncident(
    state.active.map((report) => report.state),
    event,
  );
  if (closed.length === 0 && opened.length === 0) {
    keepLate(state, { event, text }, rows);
    return false;
  }
  for (const report of closed) rows.reports.close(incidentId, report.position, event.position, report.eventId);
  state.active = state.active.filter((report) => !closed.includes(report.state));
  for (const report of opened) {
    const active = { state: report, text };
    state.active.push(active);
    rows.reports.open(incidentId, event.position, reportColumns(active), report.eventId);
  }
  return true;
}
