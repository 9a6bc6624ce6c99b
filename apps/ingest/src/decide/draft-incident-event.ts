import { checkReport } from '#app/domain';
import { type Decided, type LogSecrets, splitReason, splitReport, type UndecidedDraft, uuidV7 } from '#app/log';
import type { PlaceInSets } from '../place/active-boundary-sets.js';
import type { PlannedEvent } from '../record-batch/plan.js';
import type { KeyedIncidentMessage } from '../record-batch/keyed.js';
import { correlationOf, type ReadableReading, type ReportReading } from '../read-message/read-message.js';
import type { Message } from '../read-message/message.js';

const NO_SUBJECTS: ReadonlyMap<string, string> = new Map();

interface Held {
  secrets: LogSecrets;
  placeInSets: PlaceInSets;
}

/** The one event that a report or withdrawal becomes. */
export function draftIncidentEvent(
  { reading, delivery, touch: { stream, reportId } }: KeyedIncidentMessage,
  { disposition, streamVersion, newReport }: Required<Pick<Decided, 'disposition' | 'streamVersion' | 'newReport'>>,
  held: Held,
): PlannedEvent {
  const { message } = reading;
  if (reading.kind === 'written') {
    return { written: reading.written, decided: { disposition, streamVersion, delivery, newReport }, message };
  }
  if (reading.kind === 'report') {
    const { draft, subjects } = draftReport(reading, stream, held);
    const data = { ...draft.data, disposition };
    return { draft: { ...draft, data, streamVersion, delivery, newReport }, message, subjects, refused: null };
  }
  const { public: data, committed } = splitReason(reading.data);
  const actor = `publisher:${reading.event.source}`;
  const type = 'ReportWithdrawn' as const;
  return {
    draft: {
      ...envelopeOf(reading),
      type,
      data,
      stream,
      streamVersion,
      actor,
      delivery,
      reportId,
      newReport,
      committed,
    },
    message,
    subjects: NO_SUBJECTS,
    refused: null,
  };
}

/**
 * The event of a report, as far as it does not depend on what is recorded, and whose keys its committed values have: pointer →
 * data subject. Figures never read a committed value, so none is placed or flagged by.
 */
export function draftReport(
  reading: ReportReading,
  stream: string,
  { secrets, placeInSets }: Held,
): { draft: UndecidedDraft<'ReportRecorded'> & { id: string }; subjects: ReadonlyMap<string, string> } {
  const report = reading.data;
  const split = splitReport(report, secrets.pseudonymKey);
  const { start, end, precision } = report.occurred;
  // Written out: spreading what all events share costs more than all the rest of a draft.
  const { id, causationId, correlationId, source, cursorId } = envelopeOf(reading);
  const draft = {
    type: 'ReportRecorded' as const,
    data: { flags: checkReport(report), placements: placeInSets(report.place), report: split.public },
    id,
    causationId,
    correlationId,
    source,
    cursorId,
    stream,
    actor: `publisher:${reading.event.source}`,
    reportId: report.reportId,
    occurred: { end, precision, start },
    revision: report.revision,
    committed: split.committed,
  };
  return { draft, subjects: split.subjects };
}

/** What every event says of the message that it comes from. */
export function envelopeOf(reading: Pick<ReadableReading, 'event' | 'message'>): {
  id: string;
  causationId: string | null;
  correlationId: string;
  source: ReturnType<typeof sourceOf>;
  cursorId: number;
} {
  const id = uuidV7();
  const { event, message } = reading;
  return {
    id,
    causationId: message.causationId,
    correlationId: correlationOf(event) ?? id,
    source: sourceOf(message, event.source, event.id),
    cursorId: message.at.cursorId,
  };
}

/** Coordinates as the leaf shows them; for a requeued message those of its first delivery. */
export function sourceOf({ at, raw }: Message, ceSource: string, ceId: string) {
  const { cluster, topic, partition, offset } = at;
  return { ceSource, ceId, cluster, topic, partition, offset, value: raw.value };
}
