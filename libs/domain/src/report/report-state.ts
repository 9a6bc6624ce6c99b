import type { ReportRecordedData, ReportWithdrawnData } from './report.js';

/** One report of an incident as the fold knows it; WITHDRAWN is the tombstone of its (source, reportId). */
export interface ReportState {
  kind: 'REPORT' | 'WITHDRAWN';
  /** CloudEvents source. */
  source: string;
  reportId: string;
  /** 0 for a tombstone. */
  revision: number;
  /** Position and id of the event that made this state. */
  position: number;
  eventId: string;
  publishedAt: string | null;
  /** Null for a tombstone. */
  body: ReportRecordedData | null;
}

/** What changes the active reports of an incident. `source` is the CloudEvents source. */
export type IncidentEvent =
  | { type: 'ReportRecorded'; source: string; position: number; eventId: string; data: ReportRecordedData }
  | { type: 'ReportWithdrawn'; source: string; position: number; eventId: string; data: ReportWithdrawnData };

export interface IncidentChange {
  closed: ReportState[];
  opened: ReportState[];
}

/**
 * The active reports that an event closes and opens (domain fold 1): a higher revision replaces, a lower or equal one
 * changes nothing, a withdrawal is final. The end is the same in whatever order the events come.
 */
export function applyToIncident(active: readonly ReportState[], event: IncidentEvent): IncidentChange {
  const opened = event.type === 'ReportRecorded' ? reportState(event) : tombstone(event);
  const closed: ReportState[] = [];
  for (const state of active) {
    if (state.source !== opened.source || state.reportId !== opened.reportId) continue;
    if (state.kind === 'WITHDRAWN') return { closed: [], opened: [] };
    if (opened.kind === 'REPORT' && opened.revision <= state.revision) return { closed: [], opened: [] };
    closed.push(state);
  }
  return { closed, opened: [opened] };
}

function reportState(event: IncidentEvent & { type: 'ReportRecorded' }): ReportState {
  const { report } = event.data;
  return {
    kind: 'REPORT',
    source: event.source,
    reportId: report.reportId,
    revision: report.revision,
    position: event.position,
    eventId: event.eventId,
    publishedAt: report.publishedAt,
    body: event.data,
  };
}

function tombstone(event: IncidentEvent & { type: 'ReportWithdrawn' }): ReportState {
  return {
    kind: 'WITHDRAWN',
    source: event.source,
    reportId: event.data.reportId,
    revision: 0,
    position: event.position,
    eventId: event.eventId,
    publishedAt: null,
    body: null,
  };
}
