import { type Disposition, checkReport } from '#app/domain';
import { type LogSecrets, splitReason, splitReport, uuidV7 } from '#app/log';
import type { PlaceInSets } from '../place/active-boundary-sets.js';
import type { PlannedEvent } from '../record-batch/plan.js';
import type { KeyedIncidentMessage } from '../record-batch/keyed.js';
import { correlationOf, type ReadableReading } from '../read-message/read-message.js';
import type { Message } from '../read-message/message.js';

const NO_SUBJECTS: ReadonlyMap<string, string> = new Map();

/** The one event that a report or withdrawal becomes. Figures never read a committed value, so none is placed or flagged by. */
export function draftIncidentEvent(
  { reading, delivery, touch }: KeyedIncidentMessage,
  disposition: Disposition,
  { streamVersion, newReport }: { streamVersion: number; newReport: string | null },
  { secrets, placeInSets }: { secrets: LogSecrets; placeInSets: PlaceInSets },
): PlannedEvent {
  const { event, message } = reading;
  // Written out for each kind: spreading what they share costs more than all the rest of a draft.
  const { id, causationId, correlationId, source, cursorId } = envelopeOf(reading);
  const { stream, reportId } = touch;
  const actor = `publisher:${event.source}`;
  if (reading.kind === 'withdrawal') {
    const { public: data, committed } = splitReason(reading.data);
    return {
      draft: {
        type: 'ReportWithdrawn',
        data,
        id,
        causationId,
        correlationId,
        source,
        cursorId,
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
  const report = reading.data;
  const split = splitReport(report, secrets.pseudonymKey);
  const { start, end, precision } = report.occurred;
  return {
    draft: {
      type: 'ReportRecorded',
      data: {
        disposition,
        flags: checkReport(report),
        placements: placeInSets(report.place),
        report: split.public,
      },
      id,
      causationId,
      correlationId,
      source,
      cursorId,
      stream,
      streamVersion,
      actor,
      delivery,
      reportId,
      newReport,
      occurred: { end, precision, start },
      revision: report.revision,
      committed: split.committed,
    },
    message,
    subjects: split.subjects,
    refused: null,
  };
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
