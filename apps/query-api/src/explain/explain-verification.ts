import type { DecisionState } from '#app/domain';
import type { IncidentState } from '#app/read-models';
import type { ExplainedClaim } from './explain-claims.js';
import type { ExplainedVerificationDto } from './explain.dto.js';

/** The grade of an incident and where it comes from: a steward's decision, or the rule (domain.md, "The fold" 8). */
export function explainVerification(
  { verification, claimants }: IncidentState,
  decisions: readonly DecisionState[],
  claims: readonly ExplainedClaim[],
): ExplainedVerificationDto {
  const decision = decisions.findLast(({ kind }) => kind === (verification === 'RETRACTED' ? 'RETRACTED' : 'VERIFIED'));
  if (decision !== undefined) {
    const why = verification === 'RETRACTED' ? 'a steward retracted the incident' : 'a steward gave this grade';
    return { grade: verification, by: 'DECISION', why, claimants, position: decision.position };
  }
  return { grade: verification, by: 'RULE', why: ruleOf(verification, claimants, claims), claimants, position: null };
}

function ruleOf(verification: string, claimants: number, claims: readonly ExplainedClaim[]): string {
  const standing = claims.filter(({ state }) => state === 'STANDS');
  const names = [...new Set(standing.map(({ claimant }) => claimant.name))];
  const who = names.length === 0 ? '' : `: ${names.slice(0, 5).join('; ')}${names.length > 5 ? '; …' : ''}`;
  switch (verification) {
    case 'REPORTED':
      return `only social media or witnesses say so${who}`;
    case 'SINGLE_SOURCE':
      return `one independent claimant${who}`;
    default:
      return `${claimants} independent claimants${who}`;
  }
}
