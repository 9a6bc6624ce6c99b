import { ATTRIBUTE_LIMITS } from '../decode/attribute-limits.js';
import { ListOf, Optional, Required } from '../rules/nesting.js';
import { Integer } from '../rules/number.js';
import { AcrossMembers, decorator } from '../rules/rule.js';
import { Line, OneOf, pointerRule, Text, Uuid } from '../rules/text.js';
import { SUPPORTED_DECISION_KINDS, type SupportedDecisionKind } from './decision-kinds.js';
import { type IncidentName, incidentNameRule } from './incident-name.js';
import { membersOfKind } from './members-of-kind.js';

/**
 * `data` of org.conflictledger.decision.v1 (contract §1), for the kinds that this version carries out:
 * `REQUEUE {rejection}`, `DISCARD {rejection}`,
 * `ERASE {incident | reportId (with source) | rejection, paths[], authority}`.
 */
@AcrossMembers(membersOfKind)
export class DecisionV1 {
  @Required()
  @OneOf(SUPPORTED_DECISION_KINDS)
  kind!: SupportedDecisionKind;

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
  @Uuid()
  rejection?: string | null;

  @Optional()
  @decorator(incidentNameRule)
  incident?: IncidentName | null;

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
