import type { DecisionV1, RejectionCode } from '#app/contract';
import type { Keyed } from '../record-batch/keyed.js';
import type { DraftedEvent, Plan } from '../record-batch/plan.js';

/** Why a decision cannot be carried out. */
export class DecisionRefused extends Error {
  override readonly name = 'DecisionRefused';

  constructor(
    readonly code: RejectionCode,
    readonly pointer: string,
    readonly detail: string,
  ) {
    super(detail);
  }
}

/** What carrying out a decision adds to the plan. */
export interface CarriedOut {
  /** The first is the decision's own; only an erasure too large for one leaf has more. */
  events: DraftedEvent[];
  resolution: Plan['resolutions'][number] | null;
  /** A stored message to process as if it had just been read. */
  again: Keyed | null;
}

/** Refuses a decision that was taken on an older version of the stream than the recorded one. */
export function refuseStale({ expect }: Pick<DecisionV1, 'expect'>, version: number): void {
  if (typeof expect === 'number' && expect !== version) {
    throw new DecisionRefused('DECISION_STALE', '/expect', `the stream is at version ${version}`);
  }
}
