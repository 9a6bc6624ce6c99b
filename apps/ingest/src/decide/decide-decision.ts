import type { ClientBase } from 'pg';
import type { AttemptContext } from '../ingest-context.js';
import { refuse } from '../read-message/read-message.js';
import type { Keyed, KeyedDecision } from '../record-batch/keyed.js';
import type { Plan } from '../record-batch/plan.js';
import { draftRejection } from '../reject/draft-rejection.js';
import { type CarriedOut, DecisionRefused } from './carried-out.js';
import type { Known } from './decide-incident-message.js';
import { erase } from './erase.js';
import { discard, requeue } from './resolve-rejection.js';

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
    const { events, resolution, again } = await carryOut(tx, one, context);
    plan.events.push(...events);
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
