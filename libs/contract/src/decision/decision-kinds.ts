/** Every kind of decision in the contract §1. */
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

/** The kinds that this version carries out; the others are refused with DECISION_NOT_SUPPORTED. */
export const SUPPORTED_DECISION_KINDS = ['REQUEUE', 'DISCARD', 'ERASE'] as const;
export type SupportedDecisionKind = (typeof SUPPORTED_DECISION_KINDS)[number];

const recognised: ReadonlySet<unknown> = new Set(DECISION_KINDS);
const supported: ReadonlySet<unknown> = new Set(SUPPORTED_DECISION_KINDS);

/** True for a kind of the contract that this version does not carry out yet. */
export function isDecisionOfALaterVersion(kind: unknown): boolean {
  return recognised.has(kind) && !supported.has(kind);
}
