import { setImmediate as nextTurn } from 'node:timers/promises';
import { applyToIncident, foldIncident, type IncidentFigures, postingsBetween } from '#app/domain';
import { BalanceSums } from './balance-sums.js';
import { type BatchRows, LastingRows } from './batch-rows.js';
import { CopyLines } from './copy-lines.js';
import type { IncidentState, IncidentStates } from './incident-states.js';
import { postingLine } from './posting-line.js';
import { type ProjectionEvent, type ReadIncidentEvent, readIncidentEvent } from './projection-event.js';
import { reportColumns } from './report-columns.js';
import { UnfoldableEventError } from './unfoldable-event-error.js';
import { shownColumns, withdrawnColumns } from './version-columns.js';

/** After so many events other work gets its turn: the rows of the batch before on their way to the database, a probe. */
const TURN_EVENTS = 40;

/**
 * Turns events into the rows they cause. Pure but for `states`, which it moves on: they must hold every incident that
 * the events touch.
 * @param balanced whether the balances are kept with every batch (false while a rebuild loads)
 * @throws UnfoldableEventError
 */
export async function foldBatch(
  states: IncidentStates,
  events: readonly ProjectionEvent[],
  balanced: boolean,
): Promise<BatchRows> {
  const rows: BatchRows = {
    reports: new LastingRows(),
    versions: new LastingRows(),
    postings: new CopyLines(),
    balances: balanced ? new BalanceSums() : null,
    moments: new Map(),
    publishers: new Map(),
    traces: [],
  };
  const remaining = eventsByIncident(events);
  for (const [index, event] of events.entries()) {
    if (index % TURN_EVENTS === TURN_EVENTS - 1) await nextTurn();
    const { position, recordedAt, incidentId } = event;
    rows.moments.set(recordedAt.getTime(), position);
    if (incidentId === null) continue;
    try {
      foldEvent(states, { ...readIncidentEvent(event), incidentId }, rows);
    } catch (error) {
      throw new UnfoldableEventError(position, error);
    }
    const more = (remaining.get(incidentId) ?? 0) - 1;
    remaining.set(incidentId, more);
    if (more <= 0) states.close(incidentId);
  }
  return rows;
}

function eventsByIncident(events: readonly ProjectionEvent[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { incidentId } of events) {
    if (incidentId !== null) counts.set(incidentId, (counts.get(incidentId) ?? 0) + 1);
  }
  return counts;
}

interface Change extends ReadIncidentEvent {
  incidentId: string;
}

function foldEvent(states: IncidentStates, change: Change, rows: BatchRows): void {
  const { incidentId } = change;
  const { position, eventId } = change.event;
  const state = states.open(incidentId);
  if (!applyEvent(state, change, rows)) return;

  const before = state.figures;
  state.figures = foldIncident(
    state.active.map((report) => report.state),
    states.policy,
  );
  const postings = postingsBetween(before, state.figures, { position, incidentId });
  let lines = '';
  for (const posting of postings) {
    lines += postingLine(posting);
    rows.balances?.add(posting);
  }
  rows.postings.add(lines, postings.length);
  rows.traces.push({ position, eventId, postings: postings.length });
  showVersion(state, before, { incidentId, position, rows });
  notePublisher(states, state.figures, { position, rows });
}

/** Moves the active reports on. False when the event changes none: a late revision, or one that was withdrawn before. */
function applyEvent(state: IncidentState, { event, text, incidentId }: Change, rows: BatchRows): boolean {
  const { closed, opened } = applyToIncident(
    state.active.map((report) => report.state),
    event,
  );
  if (closed.length === 0 && opened.length === 0) return false;
  for (const report of closed) rows.reports.close(incidentId, report.position, event.position);
  state.active = state.active.filter((report) => !closed.includes(report.state));
  for (const report of opened) {
    const active = { state: report, text };
    state.active.push(active);
    rows.reports.open(incidentId, event.position, reportColumns(active));
  }
  return true;
}

/** Opens a version when something a reader can see has changed. */
function showVersion(
  state: IncidentState,
  before: IncidentFigures | null,
  { incidentId, position, rows }: { incidentId: string; position: number; rows: BatchRows },
): void {
  if (before === null && state.figures === null) return;
  const columns = state.figures === null ? withdrawnColumns(before) : shownColumns(state.figures);
  if (columns === state.shown) return;
  if (state.version > 0) rows.versions.close(incidentId, state.versionFrom, position);
  state.version += 1;
  state.versionFrom = position;
  state.shown = columns;
  rows.versions.open(incidentId, position, `${state.version}\t${columns}`);
}

function notePublisher(
  states: IncidentStates,
  figures: IncidentFigures | null,
  { position, rows }: { position: number; rows: BatchRows },
): void {
  if (figures === null || states.knownPublishers.has(figures.publisher)) return;
  states.knownPublishers.add(figures.publisher);
  rows.publishers.set(figures.publisher, position);
}
