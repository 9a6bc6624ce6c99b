import { uuidV7 } from '#app/log';
import type { PlannedEvent } from '../record-batch/plan.js';
import { sourceOf } from '../decide/draft-incident-event.js';
import type { RefusedReading } from '../read-message/read-message.js';

const PROBLEMS_IN_LEAF = 20;
const POINTER_IN_LEAF = 120;

/** The event of a message that cannot be recorded. Its stream is the rejection, which lives beside the log. */
export function draftRejection(reading: RefusedReading): PlannedEvent {
  const { message, subject, refusal } = reading;
  const id = uuidV7();
  const rejection = uuidV7();
  const publicText = (text: string | null): string => (subject.trusted ? (storable(text) ?? '') : '');
  return {
    draft: {
      id,
      type: 'ReportRejected',
      data: {
        rejection,
        stage: refusal.stage,
        code: refusal.code,
        problems: refusal.problems.slice(0, PROBLEMS_IN_LEAF).map(({ pointer, code }) => ({
          pointer: publicPointer(pointer, code),
          code,
        })),
      },
      stream: rejection,
      streamVersion: 1,
      actor: 'system:ingest',
      causationId: message.causationId,
      correlationId: reading.correlation ?? id,
      source: sourceOf(message, publicText(subject.source), publicText(subject.id)),
      cursorId: message.at.cursorId,
    },
    message,
    subjects: new Map(),
    refused: { reading, rejection },
  };
}

/**
 * A pointer that may be public for ever: the last member of an unknown field, or a pointer longer than any of the
 * schema, is the sender's own text and stays out.
 */
function publicPointer(pointer: string, code: string): string {
  const known =
    code === 'UNKNOWN_FIELD' || code === 'DUPLICATE_MEMBER' ? pointer.slice(0, pointer.lastIndexOf('/')) : pointer;
  return known.length > POINTER_IN_LEAF || /[^\x20-\x7e]/.test(known) ? '' : known;
}

/** An attribute as a column and a leaf can hold it; null for what no publisher means seriously. */
export function storable(text: string | null): string | null {
  if (text === null || text.length > 1024) return null;
  return /[\p{Cc}\p{Cs}]/u.test(text) ? null : text;
}
