import type { DecisionV1, RejectionCode } from '#app/contract';
import type { ClientBase } from 'pg';
import type { AttemptContext } from '../ingest-context.js';
import { refuse } from '../read-message/read-message.js';
import type { Keyed, KeyedDecision } from '../record-batch/keyed.js';
import type { Plan, PlannedEvent } from '../record-batch/plan.js';
import { draftRejection } from '../reject/draft-rejection.js';
import type { Known } from './decide-incident-message.js';
import { erase } from './erase.js';
import { discard, requeue } from './resolve-rejection.js';

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
  event: PlannedEvent;
  resolution: Plan['resolutions'][number] | null;
  /** A stored message to process as if it had just been read. */
  again: Keyed | null;
}

export interface DecisionParts {
  context: AttemptContext;
  known: Known;
  plan: Plan;
  decideMessages: (
    tx: ClientBase,
    messages: readonly Keyed[],
    parts: { context: AttemptContext; plan: Plan },
  ) => Promise<void>;
}

/** A steward's decision becomes its event, a counted duplicate, or a rejection that says why. */
export async function decideDecision(tx: ClientBase, one: KeyedDecision, parts: DecisionParts): Promise<void> {
  const { known, plan, context } = parts;
  const { delivery, reading } = one;
  const verdict = known.deliveries.verdict(delivery);
  if (verdict === 'DUPLICATE') {
    plan.duplicates.push({ at: reading.message.at, identity: delivery.identity });
    return;
  }
  try {
    if (verdict === 'CONFLICT') {
      throw new DecisionRefused('IDENTITY_CONFLICT', '', 'give another decision an id of its own');
    }
    const { event, resolution, again } = await carryOut(tx, one, context);
    plan.events.push(event);
    if (resolution !== null) plan.resolutions.push(resolution);
    known.deliveries.register(delivery);
    if (again !== null) await parts.decideMessages(tx, [again], { context, plan });
  } catch (error) {
    if (!(error instanceof DecisionRefused)) throw error;
    const { code, pointer, detail } = error;
    plan.events.push(draftRejection(refuse(reading, { stage: 'DECIDE', code, problems: [{ pointer, code, detail }] })));
  }
}

function carryOut(tx: ClientBase, one: KeyedDecision, context: AttemptContext): Promise<CarriedOut> {
  const { kind } = one.reading.data;
  if (kind === 'REQUEUE') return requeue(tx, one, context);
  if (kind === 'DISCARD') return discard(tx, one, context);
  return erase(tx, one, context);
}

/** Refuses a decision that was taken on an older version of the stream than the recorded one. */
export function refuseStale({ expect }: Pick<DecisionV1, 'expect'>, version: number): void {
  if (typeof expect === 'number' && expect !== version) {
    throw new DecisionRefused('DECISION_STALE', '/expect', `the stream is at version ${version}`);
  }
}
