import type { DecisionState } from '#app/domain';
import { copyJson, copyText } from './copy-text.js';

/** Columns of `decision` after to_position, in the order of `decisionColumns`. */
export const DECISION_COLUMNS = 'seq, event_id, kind, other, actor, body';

export function decisionColumns({ seq, eventId, kind, other, actor, body }: DecisionState): string[] {
  return [`${seq}\t${eventId}\t${kind}\t${copyText(other)}\t${copyText(actor)}\t${copyJson(JSON.stringify(body))}`];
}

/** In place of a kind: the row tells of an event that ended decisions and made none. */
export const ENDED = 'ENDED';
/** No decision has it. */
export const ENDED_SEQ = '-1';

export function endedColumns({ eventId, actor }: Pick<DecisionState, 'eventId' | 'actor'>): string[] {
  return [`${ENDED_SEQ}\t${eventId}\t${ENDED}\t${copyText(null)}\t${copyText(actor)}\t${copyJson('{}')}`];
}
