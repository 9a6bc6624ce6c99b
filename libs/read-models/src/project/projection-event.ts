import type { IncidentEvent, ReportRecordedData } from '#app/domain';
import { ENVELOPE_VERSION, isNewestShape, parseLeaf, type RecordedRow } from '#app/log';

/** What the projection reads of an event: all have a place in time, many also change rows. */
export interface ProjectionEvent {
  position: number;
  recordedAt: Date;
  leaf: string;
  type: string;
  /** The stream in which it is: of a report the incident. */
  stream: string;
  /** Whether nothing was recorded in the stream before: then there is nothing to load. */
  first: boolean;
  /** Where the events are that this one names by their positions; looked up before it is folded. */
  located?: readonly LocatedEvent[];
}

export interface LocatedEvent {
  position: number;
  eventId: string;
  stream: string;
  /** Of a report that may have been replaced since. */
  leaf: string | null;
}

export function projectionEventOf(row: RecordedRow): ProjectionEvent {
  const { position, recordedAt, leaf, type, stream, streamVersion } = row;
  return { position, recordedAt, leaf, type, stream, first: streamVersion === 1 };
}

export interface ReadIncidentEvent {
  event: IncidentEvent;
  /** JSON of `event.data`; null for a withdrawal, whose data no read model keeps. */
  text: string | null;
}

/** Reads an event about an incident. Done one by one while folding: a parsed leaf is ten times its text. */
export function readIncidentEvent(event: ProjectionEvent): ReadIncidentEvent {
  return readDataAlone(event) ?? readWholeLeaf(event);
}

function readWholeLeaf({ leaf, position }: ProjectionEvent): ReadIncidentEvent {
  const recorded = parseLeaf(leaf);
  if (recorded.source === null) throw new Error('it has no source');
  const { ceSource: source } = recorded.source;
  const at = { source, position, eventId: recorded.id };
  if (recorded.type === 'ReportWithdrawn') {
    return { event: { type: recorded.type, ...at, data: recorded.data }, text: null };
  }
  if (recorded.type !== 'ReportRecorded') throw new Error(`${recorded.type} is not about an incident`);
  return { event: { type: recorded.type, ...at, data: recorded.data }, text: JSON.stringify(recorded.data) };
}

const RECORDED = 'ReportRecorded';
const IS_NEWEST_SHAPE = isNewestShape(RECORDED);
const RECORDED_END = `,"type":"${RECORDED}","v":${ENVELOPE_VERSION}}`;
const DATA = '"data":';
const LOG = ',"log":"';
const CE_SOURCE = '"ceSource":"';
/** `,"id":"<uuid>"`, right before `log`. */
const ID = /^,"id":"([0-9a-f-]{36})"$/;
const ID_LENGTH = 44;

/**
 * The same without parsing the third of a leaf that the fold does not use, nor writing again the text that is kept.
 *
 * A leaf is canonical: its members are sorted (`data` before `id` before `log` before `source`), and no value can hold a
 * member's name with its quotes, because the quotes inside a string are escaped. Null when the leaf does not look so.
 */
function readDataAlone({ leaf, position, type }: ProjectionEvent): ReadIncidentEvent | null {
  if (type !== RECORDED || !leaf.endsWith(RECORDED_END) || !IS_NEWEST_SHAPE) return null;
  const start = leaf.indexOf(DATA) + DATA.length;
  const end = leaf.lastIndexOf(LOG) - ID_LENGTH;
  const sourceStart = leaf.lastIndexOf(CE_SOURCE) + CE_SOURCE.length;
  if (start < DATA.length || end < start || sourceStart < end) return null;
  const id = ID.exec(leaf.slice(end, end + ID_LENGTH))?.[1];
  const source = leaf.slice(sourceStart, leaf.indexOf('"', sourceStart));
  if (id === undefined || source.includes('\\')) return null;
  const text = leaf.slice(start, end);
  let data: ReportRecordedData;
  try {
    data = JSON.parse(text) as ReportRecordedData;
  } catch {
    return null;
  }
  return { event: { type: RECORDED, source, position, eventId: id, data }, text };
}
