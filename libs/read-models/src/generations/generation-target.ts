import type { ConversionPolicy } from '#app/domain';
import type { ClientBase, Pool } from 'pg';
import { ProjectionTarget } from '../project/project-batch.js';
import { policyNumbered } from '../project/standing-policy.js';
import { tablesOfGeneration } from '../project/tables.js';
import type { GenerationRow } from '../rows.js';

/** Nobody activated a policy of this number, and none is built in. */
export class UnknownPolicyError extends Error {
  constructor(readonly policy: number) {
    super(`there is no conversion policy ${policy}: it is neither built in nor was it ever activated`);
    this.name = 'UnknownPolicyError';
  }
}

/** A generation as events are projected into it, under the policy that it is folded under. */
export async function targetOf(db: Pool | ClientBase, generation: GenerationRow): Promise<ProjectionTarget> {
  return new ProjectionTarget(tablesOfGeneration(generation.generation), {
    balanced: generation.balanced,
    policyOverride: await overridingPolicy(db, generation.policy_override),
  });
}

/**
 * The policy to fold under whatever the log activates; null when there is no such number.
 * @throws UnknownPolicyError
 */
export async function overridingPolicy(db: Pool | ClientBase, number: number | null): Promise<ConversionPolicy | null> {
  if (number === null) return null;
  // The live figures know every policy that was ever activated; the tables to fill may not have come so far.
  const policy = await policyNumbered(db, 'read_model.record', number);
  if (policy === null) throw new UnknownPolicyError(number);
  return policy;
}
