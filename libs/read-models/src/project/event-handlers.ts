import type { EventType } from '#app/domain';
import { decisionEvents } from './decision-events.js';
import type { EventHandler } from './event-handler.js';
import { boundaryEvents, policyEvents, projectionEvents, rejectedDuplicates, snapshotEvents } from './log-events.js';
import { officialEvents } from './official-events.js';
import { placingEvents } from './placing-events.js';
import { reportEvents } from './report-events.js';

/** Who turns an event into rows. An event of no type in this list only has its place in time. */
const HANDLERS: Partial<Record<EventType, EventHandler>> = {
  ReportRecorded: reportEvents,
  ReportWithdrawn: reportEvents,
  IncidentsMerged: decisionEvents,
  MergeReverted: decisionEvents,
  IncidentSplit: decisionEvents,
  IncidentVerified: decisionEvents,
  IncidentReclassified: decisionEvents,
  IncidentRedated: decisionEvents,
  IncidentRelocated: decisionEvents,
  IncidentRetracted: decisionEvents,
  IncidentReinstated: decisionEvents,
  DuplicateRejected: rejectedDuplicates,
  ...officialEvents,
  BoundarySetActivated: boundaryEvents,
  IncidentsPlaced: placingEvents,
  ConversionPolicyActivated: policyEvents,
  ProjectionActivated: projectionEvents,
  SnapshotSealed: snapshotEvents,
};

export function handlerOf(type: string): EventHandler | undefined {
  return HANDLERS[type as EventType];
}
