import { exactlyOneOf } from '../rules/across-members.js';
import { Optional } from '../rules/nesting.js';
import { AcrossMembers } from '../rules/rule.js';
import { Line, Uuid } from '../rules/text.js';

/** The publisher's own key of an incident, or the ledger's id of one; exactly one of them. */
@AcrossMembers(exactlyOneOf('ref', 'id'))
export class IncidentReferenceV1 {
  @Optional()
  @Line(200)
  ref?: string | null;

  @Optional()
  @Uuid()
  id?: string | null;
}
