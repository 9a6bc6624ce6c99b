import type { DeliveryGapRecordedData, Leaf } from '#app/log';
import type { Finding } from '../findings.js';
import type { EventRow } from './event-rows.js';

/** Where a message lay, by the number of its cursor: `cluster topic partition`. */
export type Cursors = ReadonlyMap<number, string>;

/**
 * Whether the columns of a row say what its own leaf says. Readers filter by columns: who changes one hides an event, and
 * no hash of a leaf shows it.
 */
export function checkColumns(row: EventRow, cursors: Cursors): Finding[] {
  const { position, event: leaf } = row;
  if (leaf === null) return [{ kind: 'COLUMN', position, detail: `the leaf in row ${position} is not an event` }];
  const wrong = Object.entries(columnsOf(leaf))
    .filter(([column, expected]) => row[column as keyof EventRow] !== expected)
    .map(
      ([column, expected]) => `${column} is ${shown(row[column as keyof EventRow])}, the leaf says ${shown(expected)}`,
    );
  const place = placeOf(leaf);
  if (row.cursor !== null && (cursors.get(row.cursor) ?? null) !== place) {
    wrong.push(`cursor is ${row.cursor}, which is not that of ${place ?? 'no message'}`);
  }
  if (wrong.length === 0) return [];
  return [{ kind: 'COLUMN', position, detail: `row ${position}: ${wrong.join('; ')}` }];
}

/** What ingest writes beside a leaf. */
function columnsOf(leaf: Leaf): Partial<EventRow> {
  const { source } = leaf;
  return {
    position: leaf.position,
    eventId: leaf.id,
    type: leaf.type,
    stream: leaf.stream,
    streamVersion: leaf.streamVersion,
    recordedAt: Date.parse(leaf.recordedAt),
    ceSource: source?.ceSource || null,
    ceId: source?.ceId || null,
    offset: source?.offset ?? null,
    ...reportOf(leaf),
  };
}

function reportOf({ type, data }: Leaf): { reportId: string | null; revision: number | null } {
  const { report, reportId } = (data ?? {}) as { report?: { reportId: string; revision: number }; reportId?: string };
  if (type === 'ReportRecorded') return { reportId: report?.reportId ?? null, revision: report?.revision ?? null };
  return { reportId: type === 'ReportWithdrawn' ? (reportId ?? null) : null, revision: null };
}

/** Where the message of an event lay; of lost messages, where they had lain: no message caused that event. */
function placeOf({ type, source, data }: Leaf): string | null {
  const place = type === 'DeliveryGapRecorded' ? (data as DeliveryGapRecordedData | null) : source;
  return place === null || place === undefined ? null : `${place.cluster} ${place.topic} ${place.partition}`;
}

function shown(value: unknown): string {
  return value === null || value === undefined ? 'empty' : JSON.stringify(value);
}
