import {
  applyToIncident,
  conversionPolicy1,
  foldIncident,
  type IncidentEvent,
  type IncidentFigures,
  type ReportState,
} from '#app/domain';
import { parseLeaf, type RecordedEvent } from '#app/log';
import { type FieldChange, fieldChanges } from './field-changes.js';

/** One event on an incident, and what it changed. */
export interface HistoryEntry {
  position: number;
  recordedAt: string;
  eventId: string;
  type: string;
  streamVersion: number;
  actor: string;
  /** By which report; null for what is not a report. */
  report: { source: string; reportId: string; revision: number | null; publishedAt: string | null } | null;
  /** Why the figures changed, or why they did not. */
  why: string;
  changes: FieldChange[];
}

/**
 * Refolds an incident from its leaves and tells what each event changed, field by field.
 *
 * Reads nothing but leaves: anyone who has them comes to the same history.
 */
export function incidentHistory(leaves: readonly string[]): HistoryEntry[] {
  let active: readonly ReportState[] = [];
  let before: unknown = null;
  return leaves.map((text) => {
    const leaf = parseLeaf(text);
    const event = incidentEventOf(leaf);
    const known = active;
    if (event !== null) active = stateAfter(active, event);
    const after = visible(foldIncident(active, conversionPolicy1));
    const changes = fieldChanges(before ?? {}, after ?? {});
    before = after;
    return {
      position: leaf.position,
      recordedAt: leaf.recordedAt,
      eventId: leaf.id,
      type: leaf.type,
      streamVersion: leaf.streamVersion,
      actor: leaf.actor,
      report: reportOf(leaf),
      why: reasonOf(leaf, known),
      changes,
    };
  });
}

function stateAfter(active: readonly ReportState[], event: IncidentEvent): readonly ReportState[] {
  const { closed, opened } = applyToIncident(active, event);
  return [...active.filter((report) => !closed.includes(report)), ...opened];
}

function incidentEventOf(leaf: RecordedEvent): IncidentEvent | null {
  if (leaf.source === null) return null;
  const at = { source: leaf.source.ceSource, position: leaf.position, eventId: leaf.id };
  if (leaf.type === 'ReportRecorded') return { type: leaf.type, data: leaf.data, ...at };
  if (leaf.type === 'ReportWithdrawn') return { type: leaf.type, data: leaf.data, ...at };
  return null;
}

/** Figures keyed by measure and part, so that a change reads `/figures/KILLED/TOTAL/hi`. */
function visible(incident: IncidentFigures | null): unknown {
  if (incident === null) return null;
  const figures: Record<string, Record<string, unknown>> = {};
  for (const { measure, part, ...figure } of incident.figures)
    figures[measure] = { ...figures[measure], [part]: figure };
  return { ...incident, figures };
}

function reportOf(leaf: RecordedEvent): HistoryEntry['report'] {
  const source = leaf.source?.ceSource ?? '';
  if (leaf.type === 'ReportRecorded') {
    const { reportId, revision, publishedAt } = leaf.data.report;
    return { source, reportId, revision, publishedAt };
  }
  if (leaf.type === 'ReportWithdrawn') {
    return { source, reportId: leaf.data.reportId, revision: null, publishedAt: null };
  }
  return null;
}

function reasonOf(leaf: RecordedEvent, known: readonly ReportState[]): string {
  if (leaf.type === 'ReportWithdrawn') return `the publisher withdrew its report ${leaf.data.reportId}`;
  if (leaf.type === 'PersonalDataErased') return `committed values were erased by authority of ${leaf.data.authority}`;
  if (leaf.type !== 'ReportRecorded') return 'recorded';
  const { report, disposition } = leaf.data;
  const name = `revision ${report.revision} of report ${report.reportId}`;
  const before = known.find(({ source, reportId }) => source === leaf.source?.ceSource && reportId === report.reportId);
  if (before?.kind === 'WITHDRAWN') return `${name} came after its withdrawal: recorded and ignored`;
  if (disposition === 'LATE_REVISION') return `${name} came after a higher one: recorded and ignored`;
  if (before !== undefined) return `${name} replaces revision ${before.revision}`;
  return known.length === 0 ? `the first report: ${name}` : `a further report: ${name}`;
}
