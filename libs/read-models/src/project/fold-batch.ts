import { setImmediate as nextTurn } from 'node:timers/promises';
import { BalanceSums } from './balance-sums.js';
import type { BatchRows } from './batch-rows.js';
import type { Codes } from './codes.js';
import type { Batch, Needs } from './event-handler.js';
import { handlerOf } from './event-handlers.js';
import type { IncidentStates } from './incident-states.js';
import { LastingRows } from './lasting-rows.js';
import { PostingRows } from './posting-rows.js';
import type { ProjectionEvent } from './projection-event.js';
import type { RecordStates } from './record-states.js';
import { UnfoldableEventError } from './unfoldable-event-error.js';

/** After so many events other work gets its turn: the rows of the batch before on their way to the database, a probe. */
const TURN_EVENTS = 40;

/** An event, and what must be in memory for it. */
export interface NeedyEvent {
  event: ProjectionEvent;
  needs: Needs;
}

const NOTHING: Needs = {};

/** @throws UnfoldableEventError for one that cannot be read */
export function needyEvent(event: ProjectionEvent): NeedyEvent {
  const handler = handlerOf(event.type);
  if (handler === undefined) return { event, needs: NOTHING };
  try {
    return { event, needs: handler.needs(event) };
  } catch (error) {
    throw new UnfoldableEventError(event.position, error);
  }
}

/** @param balanced whether the balances are kept with every batch (false while a rebuild loads) */
function noRows(codes: Codes, { balanced, policy }: { balanced: boolean; policy: number }): BatchRows {
  return {
    reports: new LastingRows(),
    decisions: new LastingRows(),
    records: new LastingRows(),
    versions: new LastingRows(),
    postings: new PostingRows(),
    codes,
    addedCodes: [],
    balances: balanced ? new BalanceSums() : null,
    candidates: [],
    moments: new Map(),
    publishers: new Map(),
    traces: [],
    policy,
  };
}

/**
 * Turns events into the rows they cause. Pure but for `states` and `records`, which it moves on: they must hold
 * everything that the events need.
 * @throws UnfoldableEventError
 */
export async function foldBatch(
  { states, records, codes }: { states: IncidentStates; records: RecordStates; codes: Codes },
  events: readonly NeedyEvent[],
  balanced: boolean,
): Promise<BatchRows> {
  const rows = noRows(codes, { balanced, policy: states.policy.version });
  records.collectInto(rows.records);
  const batch: Batch = { states, records, rows };
  const remaining = eventsByIncident(events);
  for (const [index, { event, needs }] of events.entries()) {
    if (index % TURN_EVENTS === TURN_EVENTS - 1) await nextTurn();
    rows.moments.set(event.recordedAt.getTime(), event.position);
    try {
      handlerOf(event.type)?.fold(event, batch);
    } catch (error) {
      throw new UnfoldableEventError(event.position, error);
    }
    if (needs.begins !== undefined) closeAfterLast(needs.begins, remaining, states);
    if (needs.incidents !== undefined) {
      for (const incidentId of needs.incidents) closeAfterLast(incidentId, remaining, states);
    }
  }
  return rows;
}

function eventsByIncident(events: readonly NeedyEvent[]): Map<string, number> {
  const counts = new Map<string, number>();
  const count = (incidentId: string): void => void counts.set(incidentId, (counts.get(incidentId) ?? 0) + 1);
  for (const { needs } of events) {
    if (needs.begins !== undefined) count(needs.begins);
    if (needs.incidents !== undefined) for (const incidentId of needs.incidents) count(incidentId);
  }
  return counts;
}

function closeAfterLast(incidentId: string, remaining: Map<string, number>, states: IncidentStates): void {
  const more = (remaining.get(incidentId) ?? 0) - 1;
  remaining.set(incidentId, more);
  if (more <= 0) states.close(incidentId);
}
