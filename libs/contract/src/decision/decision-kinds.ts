/** Every kind of decision in the contract §1. What each needs and does: docs/decisions.md. */
export const DECISION_KINDS = [
  'MERGE',
  'UNMERGE',
  'SPLIT',
  'VERIFY',
  'RECLASSIFY',
  'REDATE',
  'RELOCATE',
  'RETRACT',
  'REINSTATE',
  'REJECT_DUPLICATE',
  'SEAL_SNAPSHOT',
  'ACTIVATE_POLICY',
  'ACTIVATE_BOUNDARY_SET',
  'REQUEUE',
  'DISCARD',
  'ERASE',
] as const;
export type DecisionKind = (typeof DECISION_KINDS)[number];

/** Grades that only a steward gives (domain rule 3). */
export const STEWARD_GRADES = ['CONFIRMED', 'CONTESTED', 'DISCOUNTED'] as const;
