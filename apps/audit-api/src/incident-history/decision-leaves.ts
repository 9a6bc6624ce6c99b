import type { DecisionEvent } from '#app/domain';
import { parseLeaf, type RecordedEvent } from '#app/log';
import type { Pool } from 'pg';
import { listEvents } from '../events/event-rows.js';

const DECISIONS: ReadonlySet<string> = new Set<DecisionEvent['type']>([
  'IncidentsMerged',
  'MergeReverted',
  'IncidentSplit',
  'IncidentVerified',
  'IncidentReclassified',
  'IncidentRedated',
  'IncidentRelocated',
  'IncidentRetracted',
  'IncidentReinstated',
]);

/** The decision that a leaf records; null when it records none on incidents. */
export function decisionEventOf({ type, position, id: eventId, actor, data }: RecordedEvent): DecisionEvent | null {
  return DECISIONS.has(type) ? ({ type, position, eventId, actor, data } as DecisionEvent) : null;
}

/** One incident's history is read whole; an incident with more events than this is not one incident. */
const EVENTS_MAX = 100_000;

/**
 * All that a history can depend on, in the order of the log: the events of the incident, of every incident that was
 * merged or split with it at any time, and the conversion policies.
 */
export async function leavesOfComponent(log: Pool, incidentId: string, head: number): Promise<string[]> {
  const stretch = { from: 0, head, limit: EVENTS_MAX };
  const leaves = new Map<number, string>();
  const known = new Set([incidentId]);
  for (const stream of known) {
    for (const { position, leaf } of await listEvents(log, { stream }, stretch)) {
      leaves.set(position, leaf);
      const recorded = parseLeaf(leaf);
      if (decisionEventOf(recorded) === null) continue;
      for (const other of [recorded.stream, ...(recorded.also ?? []).map((also) => also.stream)]) known.add(other);
    }
  }
  for (const { position, leaf } of await listEvents(log, { type: 'ConversionPolicyActivated' }, stretch)) {
    leaves.set(position, leaf);
  }
  return [...leaves].toSorted(([a], [b]) => a - b).map(([, leaf]) => leaf);
}
