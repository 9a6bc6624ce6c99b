import { type Disposition, checkReport } from '#app/domain';
import { BOUNDARY_SET, placeReport } from '#app/geography';
import { type LogSecrets, splitReason, splitReport, uuidV7 } from '#app/log';
import type { PlannedEvent } from '../record-batch/plan.js';
import type { KeyedIncidentMessage } from '../record-batch/keyed.js';
import { correlationOf, type ReportReading, type WithdrawalReading } from '../read-message/read-message.js';
import type { Message } from '../read-message/message.js';

const NO_SUBJECTS: ReadonlyMap<string, string> = new Map();

/** The one event that a report or withdrawal becomes. Figures never read a committed value, so none is placed or flagged by. */
export function draftIncidentEvent(
  { reading, delivery, touch }: KeyedIncidentMessage,
  disposition: Disposition,
  { streamVersion, newReport }: { streamVersion: number; newReport: string | null },
  { pseudonymKey }: LogSecrets,
): PlannedEvent {
  const { event, message } = reading;
  const common = {
    ...envelopeOf(reading),
    stream: touch.stream,
    streamVersion,
    actor: `publisher:${event.source}`,
    delivery,
    reportId: touch.reportId,
    newReport,
  };
  if (reading.kind === 'withdrawal') {
    const { public: data, committed } = splitReason(reading.data);
    return {
      draft: { ...common, type: 'ReportWithdrawn', data, committed },
      message,
      subjects: NO_SUBJECTS,
      refused: null,
    };
  }
  const report = reading.data;
  const split = splitReport(report, pseudonymKey);
  const { start, end, precision } = report.occurred;
  return {
    draft: {
      ...common,
      type: 'ReportRecorded',
      data: {
        disposition,
        flags: checkReport(report),
        placements: { [BOUNDARY_SET]: placeReport(report.place) },
        report: split.public,
      },
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
export function envelopeOf(reading: Pick<ReportReading | WithdrawalReading, 'event' | 'message'>): {
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
