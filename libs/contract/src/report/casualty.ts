import {
  AGES,
  type CasualtyClaim,
  type ClaimedValue,
  MEASURES,
  type Measure,
  QUALIFIERS,
  type Qualifier,
  SEXES,
  SIDES,
  VICTIM_ROLES,
  VICTIM_STATUSES,
  type VictimStatus,
} from '#app/domain';
import { has } from '../rules/across-members.js';
import { Nested, Optional, Required } from '../rules/nesting.js';
import { Count } from '../rules/number.js';
import { AcrossMembers, type Finding, isGiven, isJsonObject, type Rule } from '../rules/rule.js';
import { OneOf, Text } from '../rules/text.js';
import { PartyV1 } from './party.js';

/** Qualifiers that stand without numbers; ABOUT does when it has a point. */
const WITHOUT_BOUNDS: readonly string[] = ['UNKNOWN', 'NONE_REPORTED', 'VAGUE'];

/**
 * Contract §1: `lo` and `hi` are required but for UNKNOWN, NONE_REPORTED, VAGUE and ABOUT with a point; `hi` may be null
 * (open), `lo` may not. `lo` above `hi` is recorded as given and flagged, not refused (domain rule 11).
 */
const bounds: Rule = {
  schema: {
    anyOf: [
      { allOf: [has('lo'), { required: ['hi'] }] },
      { required: ['qualifier'], properties: { qualifier: { enum: WITHOUT_BOUNDS } } },
      { allOf: [{ required: ['qualifier'], properties: { qualifier: { const: 'ABOUT' } } }, has('point')] },
    ],
  },
  check: (value) => {
    if (!isJsonObject(value)) return [];
    const { qualifier, lo, hi, point } = value;
    if (typeof qualifier === 'string' && WITHOUT_BOUNDS.includes(qualifier)) return [];
    if (qualifier === 'ABOUT' && isGiven(point)) return [];
    const findings: Finding[] = [];
    if (!isGiven(lo)) findings.push({ at: '/lo', code: 'REQUIRED', detail: 'this qualifier needs a lower bound' });
    if (hi === undefined) {
      findings.push({ at: '/hi', code: 'REQUIRED', detail: 'this qualifier needs an upper bound; null means open' });
    }
    return findings;
  },
};

/** One number as a claimant states it. `point` is the publisher's own best figure. */
@AcrossMembers(bounds)
export class ClaimedValueV1 implements ClaimedValue {
  @Required()
  @OneOf(QUALIFIERS)
  qualifier!: Qualifier;

  @Optional()
  @Count()
  lo?: number | null;

  @Optional()
  @Count()
  hi?: number | null;

  @Optional()
  @Count()
  point?: number | null;

  @Optional()
  @Text(300)
  phrase?: string | null;
}

/** Without `status` the claim is about the total of the measure, with it about that part. */
export class CasualtyV1 implements CasualtyClaim {
  @Required()
  @OneOf(MEASURES)
  measure!: Measure;

  @Optional()
  @OneOf(VICTIM_STATUSES)
  status?: VictimStatus | null;

  @Optional()
  @OneOf(VICTIM_ROLES)
  role?: string | null;

  @Optional()
  @OneOf(SEXES)
  sex?: string | null;

  @Optional()
  @OneOf(AGES)
  age?: string | null;

  @Optional()
  @OneOf(SIDES)
  side?: string | null;

  @Required()
  @Nested(ClaimedValueV1)
  value!: ClaimedValueV1;

  @Optional()
  @Nested(PartyV1)
  by?: PartyV1 | null;
}
