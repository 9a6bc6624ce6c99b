import { publicPointer } from '#app/contract';
import { uuidV7 } from '#app/log';
import type { DraftedEvent } from '../record-batch/plan.js';
import { sourceOf } from '../decide/draft-incident-event.js';
import type { RefusedReading } from '../read-message/read-message.js';

const PROBLEMS_IN_LEAF = 20;
const PROBLEMS_KEPT = 1000;

/** The event of a message that cannot be recorded. Its stream is the rejection, which lives beside the log. */
export function draftRejection(reading: RefusedReading): DraftedEvent {
  const { message, subject } = reading;
  // Here, once for all that tell of it: the leaf, the row beside the log, and the notice that is made of the row.
  const problems = reading.refusal.problems
    .slice(0, PROBLEMS_KEPT)
    .map((problem) => ({ ...problem, pointer: publicPointer(problem.pointer) }));
  const refusal = { ...reading.refusal, problems };
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
        problems: problems.slice(0, PROBLEMS_IN_LEAF).map(({ pointer, code }) => ({ pointer, code })),
      },
      stream: rejection,
      streamVersion: 1,
      actor: 'system:ingest',
      causationId: message.causationId,
      correlationId: (subject.trusted ? reading.correlation : null) ?? id,
      source: sourceOf(message, publicText(subject.source), publicText(subject.id)),
      cursorId: message.at.cursorId,
    },
    message,
    subjects: new Map(),
    refused: { reading: { ...reading, refusal }, rejection },
  };
}

/** An attribute as a column and a leaf can hold it; null for what no publisher means seriously. */
export function storable(text: string | null): string | null {
  if (text === null || text.length > 1024) return null;
  return /[\p{Cc}\p{Cs}]/u.test(text) ? null : text;
}
