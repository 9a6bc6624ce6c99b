import { INCIDENT_TYPES, type IncidentType, type StewardGrade, TARGETS } from '#app/domain';
import { ATTRIBUTE_LIMITS } from '../decode/attribute-limits.js';
import { UsedWeaponV1 } from '../report/classification.js';
import { DatesV1 } from '../report/occurred.js';
import { PlaceV1 } from '../report/place.js';
import { ListOf, ListOfNested, listRule, Nested, Optional, Required } from '../rules/nesting.js';
import { Integer } from '../rules/number.js';
import { AcrossMembers, decorator, type Rule, WRONG_TYPE } from '../rules/rule.js';
import { codeForm, enumRule, Line, lineRule, OneOf, pointerRule, Shaped, Text, Uuid } from '../rules/text.js';
import { DECISION_KINDS, type DecisionKind, STEWARD_GRADES } from './decision-kinds.js';
import { type FigureDigestsV1, figureDigestsRule } from './figure-digests.js';
import { type IncidentName, incidentNameRule } from './incident-name.js';
import { membersOfKind } from './members-of-kind.js';
import { type NamedPolicy, policyRule } from './policy.js';
import { type NamedReport, reportNameRule } from './report-name.js';

const IncidentNamed = (): PropertyDecorator => decorator(incidentNameRule);
/** Only its absence or null is right: RECLASSIFY takes a classification back with it. */
const nothing: Rule = { schema: { enum: [null] }, check: () => [WRONG_TYPE('null')] };

/**
 * `data` of org.conflictledger.decision.v1 (contract §1). All kinds share one closed object; which members go with which
 * kind is a rule of its own. What each kind does, and how it is taken back: docs/decisions.md.
 */
@AcrossMembers(membersOfKind)
export class DecisionV1 {
  @Required()
  @OneOf(DECISION_KINDS)
  kind!: DecisionKind;

  /** Why; free text, and therefore committed. */
  @Required()
  @Text(2000, 1)
  reason!: string;

  /** The steward, as the organisation names its people. */
  @Required()
  @Line(200)
  by!: string;

  /** The stream version that the steward saw; a stale one is refused. */
  @Optional()
  @Integer(0)
  expect?: number | null;

  @Optional()
  @IncidentNamed()
  survivor?: IncidentName | null;

  /** They count under the survivor from now on. */
  @Optional()
  @decorator(listRule(incidentNameRule, { min: 1, max: 100 }))
  absorbed?: IncidentName[] | null;

  /** The id of the merge's event; of an ERASE the one event whose values it means. */
  @Optional()
  @Uuid()
  event?: string | null;

  @Optional()
  @IncidentNamed()
  incident?: IncidentName | null;

  /** Each is a reportId, or {source, reportId} where several sources use it. */
  @Optional()
  @decorator(listRule(reportNameRule, { min: 1, max: 100 }))
  reports?: NamedReport[] | null;

  /** Where the reports of a SPLIT count from now on; {source, ref} may name an incident that is not there yet. */
  @Optional()
  @IncidentNamed()
  into?: IncidentName | null;

  /** Null: the rule decides again. */
  @Optional()
  @OneOf(STEWARD_GRADES)
  grade?: StewardGrade | null;

  /** What a grade rests on; free text, and therefore committed. */
  @Optional()
  @Text(5000, 1)
  grounds?: string | null;

  @Optional()
  @OneOf(INCIDENT_TYPES)
  incidentType?: IncidentType | null;

  @Optional()
  @ListOfNested(UsedWeaponV1, 20)
  weapons?: UsedWeaponV1[] | null;

  @Optional()
  @ListOf(enumRule(TARGETS), 30)
  targets?: string[] | null;

  /** Names of actors, as they are to be shown; public. */
  @Optional()
  @ListOf(lineRule(300), 20)
  perpetrators?: string[] | null;

  /** Given as null, it takes the decisions on type, weapons, targets and perpetrators back. */
  @Optional()
  @decorator(nothing)
  classification?: null;

  /** Null: the claims decide again. */
  @Optional()
  @Nested(DatesV1)
  occurred?: DatesV1 | null;

  /** Null: the claims decide again. Public: a finer place is not for a decision. */
  @Optional()
  @Nested(PlaceV1)
  place?: PlaceV1 | null;

  @Optional()
  @IncidentNamed()
  a?: IncidentName | null;

  @Optional()
  @IncidentNamed()
  b?: IncidentName | null;

  /** Of a snapshot, or of a boundary set. */
  @Optional()
  @Shaped(64, codeForm)
  name?: string | null;

  /** What the figures were at the snapshot of this name; given by the projector, once it has come so far. */
  @Optional()
  @decorator(figureDigestsRule)
  digests?: FigureDigestsV1 | null;

  /** A conversion policy that is known, by name, or the whole of a new one. */
  @Optional()
  @decorator(policyRule)
  policy?: NamedPolicy | null;

  @Optional()
  @Uuid()
  rejection?: string | null;

  @Optional()
  @Line(200)
  reportId?: string | null;

  /** CloudEvents source of `reportId`, whose value is unique only within one source. */
  @Optional()
  @Line(ATTRIBUTE_LIMITS.source)
  source?: string | null;

  /** JSON Pointers into the report; everything erasable at or below one is erased, "" = all of it. */
  @Optional()
  @ListOf(pointerRule, 200)
  paths?: string[] | null;

  /** The order, request or law that the erasure obeys. */
  @Optional()
  @Line(500)
  authority?: string | null;
}
