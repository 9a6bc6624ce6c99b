import type { IncidentEvent } from '#app/domain';
import { parseLeaf, type RecordedRow } from '#app/log';

/** What the projection reads of an event: all have a place in time, those about incidents also change figures. */
export interface ProjectionEvent {
  position: number;
  recordedAt: Date;
  leaf: string;
  type: string;
  /** The incident that it is about; null when it is about none. */
  incidentId: string | null;
  /** Whether the incident had no event before: then there is nothing to load. */
  first: boolean;
}

export function projectionEventOf(row: RecordedRow): ProjectionEvent {
  const { position, recordedAt, leaf, type, stream, streamVersion } = row;
  const isAboutIncident = type === 'ReportRecorded' || type === 'ReportWithdrawn';
  return { position, recordedAt, leaf, type, incidentId: isAboutIncident ? stream : null, first: streamVersion === 1 };
}

export interface ReadIncidentEvent {
  event: IncidentEvent;
  /** JSON of `event.data`; null for a withdrawal, whose data no read model keeps. */
  text: string | null;
}

/** Parses the leaf of an event about an incident. Done one by one while folding: a parsed leaf is ten times its text. */
export function readIncidentEvent({ leaf, position, type }: ProjectionEvent): ReadIncidentEvent {
  const recorded = parseLeaf(leaf);
  if (recorded.source === null) throw new Error('it has no source');
  const { ceSource: source } = recorded.source;
  const at = { source, position, eventId: recorded.id };
  if (recorded.type === 'ReportWithdrawn') {
    return { event: { type: recorded.type, ...at, data: recorded.data }, text: null };
  }
  if (recorded.type !== 'ReportRecorded') throw new Error(`${recorded.type} is not about an incident`);
  // An event that an upcaster has changed has no text of its own.
  const verbatim = recorded.type === type ? dataTextOf(leaf, recorded.id) : null;
  return {
    event: { type: recorded.type, ...at, data: recorded.data },
    text: verbatim ?? JSON.stringify(recorded.data),
  };
}

const DATA = '"data":';

/**
 * The text of `data` inside a canonical leaf, whose members are sorted (`data` stands before `id` and `log`): no need to
 * write again what is written already. Null when the leaf does not look so.
 */
function dataTextOf(leaf: string, eventId: string): string | null {
  const start = leaf.indexOf(DATA);
  const end = leaf.indexOf(`,"id":"${eventId}","log":"`, start);
  return start < 0 || end < 0 ? null : leaf.slice(start + DATA.length, end);
}
