import { type DecisionState, isSameReport, type Placement, type Placements, withPlacement } from '#app/domain';
import { type Database, DEFAULT_LOG_ID, parseLeaf, type RecordedEvent } from '#app/log';
import { decisionColumns } from './decision-columns.js';
import type { Batch, EventHandler } from './event-handler.js';
import type { ActiveReport, IncidentState } from './incident-states.js';
import type { LocatedEvent, ProjectionEvent } from './projection-event.js';
import { reportColumns } from './report-columns.js';
import { dependentsOf, refreshIncidents } from './show-incident.js';
import { UnfoldableEventError } from './unfoldable-event-error.js';

type Placed = Extract<RecordedEvent, { type: 'IncidentsPlaced' }>;

/** The leaf too where the stream has more: one of them may have replaced the report, which memory then does not hold. */
const LOCATE = `
  SELECT e.position, e.event_id, e.stream_id,
         CASE WHEN e.type = 'ReportRecorded' AND EXISTS (
                SELECT 1 FROM ledger.event_stream s
                 WHERE s.log_id = e.log_id AND s.stream_id = e.stream_id AND s.position <> e.position AND s.position < $3)
              THEN e.leaf END AS leaf
    FROM ledger.event e
   WHERE e.log_id = $1 AND e.position = ANY (string_to_array($2, ',')::bigint[])
   ORDER BY e.position`;

/** Looks up the events that an IncidentsPlaced names by their positions, unless whoever read it has. Other types name none. */
export async function locateNamedEvents(db: Database, event: ProjectionEvent): Promise<void> {
  if (event.type !== 'IncidentsPlaced' || event.located !== undefined) return;
  const { rows } = await db.query<{ position: number; event_id: string; stream_id: string; leaf: string | null }>(
    LOCATE,
    [DEFAULT_LOG_ID, namedPositions(event).join(','), event.position],
  );
  event.located = rows.map(({ event_id: eventId, stream_id: stream, ...row }) => ({ ...row, eventId, stream }));
}

/** @throws UnfoldableEventError */
export function namedPositions({ leaf, position }: ProjectionEvent): number[] {
  try {
    const { data } = parseLeaf(leaf) as Placed;
    return data.placed.flatMap((group) => group.positions);
  } catch (error) {
    throw new UnfoldableEventError(position, error);
  }
}

/** IncidentsPlaced: what was recorded before a boundary set was activated gets its placement in it. */
export const placingEvents: EventHandler = {
  needs: ({ stream: own, located = [] }) => ({ incidents: located.map(({ stream }) => stream), records: [own] }),

  fold({ leaf, position, stream, located = [] }: ProjectionEvent, batch: Batch): void {
    const { id: eventId, actor, data } = parseLeaf(leaf) as Placed;
    const { boundary } = data;
    const told = { kind: 'PLACING', key: eventId, stream, eventId, source: null, actor } as const;
    // Events are placed in their order: this one, and all before it, have a place from here on.
    const upTo = Math.max(...data.placed.flatMap(({ positions }) => positions));
    batch.records.mention({ ...told, body: JSON.stringify({ boundary, upTo }) }, position);
    const placements = new Map<number, Placement>();
    for (const { placement, positions } of data.placed) for (const named of positions) placements.set(named, placement);
    const placing = { boundary, position, batch };
    const touched = new Set<string>();
    for (const event of located) {
      const state = batch.states.open(event.stream);
      const placement = placements.get(event.position) as Placement;
      if (
        !placeReport(state, event, { ...placing, placement }) &&
        !placeDecision(state, event, { ...placing, placement })
      ) {
        placeReplaced(state, event, { ...placing, placement });
        continue;
      }
      touched.add(state.incidentId);
      for (const { kind, other } of state.decisions) if (kind === 'SPLIT_OUT' && other !== null) touched.add(other);
    }
    refreshIncidents(dependentsOf(batch.states, touched), { position, eventId }, batch);
  },
};

interface Placing {
  boundary: string;
  placement: Placement;
  position: number;
  batch: Batch;
}

/** False when the event is no active report of the incident: it was replaced or withdrawn since. */
function placeReport(state: IncidentState, { eventId }: LocatedEvent, placing: Placing): boolean {
  const active = state.active.find((report) => report.state.eventId === eventId);
  if (!active?.state.body) return false;
  const { rows } = placing.batch;
  const body = { ...active.state.body, placements: placed(active.state.body.placements, placing) };
  const { position } = placing;
  const reopened: ActiveReport = { state: { ...active.state, position, body }, text: JSON.stringify(body) };
  rows.reports.close(state.incidentId, active.state.position, position, eventId);
  rows.reports.open(state.incidentId, position, reportColumns(reopened), eventId);
  state.active = state.active.map((report) => (report === active ? reopened : report));
  return true;
}

/**
 * A report that a higher revision has replaced counts for nothing that is recorded, but it may be all that had been
 * published by an earlier moment: its row begins and ends at once, and says where the further set puts it.
 */
function placeReplaced(state: IncidentState, { eventId, position: named, leaf }: LocatedEvent, placing: Placing): void {
  const recorded = leaf == null ? null : parseLeaf(leaf);
  if (recorded?.type !== 'ReportRecorded' || recorded.source === null) return;
  const { report } = recorded.data;
  const { reportId, revision } = report;
  const replaced = { source: recorded.source.ceSource, reportId };
  const isReplaced = state.active.some(
    ({ state: known }) => known.kind === 'REPORT' && isSameReport(known, replaced) && known.revision > revision,
  );
  if (!isReplaced) return;
  const body = { ...recorded.data, placements: placed({}, placing) };
  const row: ActiveReport = {
    state: { kind: 'REPORT', ...replaced, revision, position: named, eventId, publishedAt: report.publishedAt, body },
    text: JSON.stringify(body),
  };
  const { rows } = placing.batch;
  rows.reports.open(state.incidentId, placing.position, reportColumns(row), eventId);
  rows.reports.close(state.incidentId, placing.position, placing.position, eventId);
}

/** As `placeReport`, for a place that a steward decided. */
function placeDecision(state: IncidentState, { eventId }: LocatedEvent, placing: Placing): boolean {
  const decision = state.decisions.find((standing) => standing.kind === 'RELOCATED' && standing.eventId === eventId);
  if (decision?.kind !== 'RELOCATED') return false;
  const { position, batch } = placing;
  const body = { ...decision.body, placements: placed(decision.body.placements, placing) };
  const reopened: DecisionState = { ...decision, position, body };
  const seq = String(decision.seq);
  batch.rows.decisions.close(state.incidentId, decision.position, position, seq);
  batch.rows.decisions.open(state.incidentId, position, decisionColumns(reopened), seq);
  state.decisions = state.decisions.map((standing) => (standing === decision ? reopened : standing));
  return true;
}

function placed(placements: Placements, { boundary, placement }: Placing): Placements {
  return withPlacement(placements, boundary, placement);
}
