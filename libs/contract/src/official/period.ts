import type { AreaCode, AreaValue, Period } from '#app/domain';
import { ClaimedValueV1 } from '../report/casualty.js';
import { startNotAfterEnd } from '../rules/across-members.js';
import { Nested, Required } from '../rules/nesting.js';
import { AcrossMembers } from '../rules/rule.js';
import { codeForm, Shaped } from '../rules/text.js';
import { CivilDate } from '../rules/time.js';

/** What a number or an assertion is about in time: civil dates, both inclusive. */
@AcrossMembers(startNotAfterEnd)
export class PeriodV1 implements Period {
  @Required()
  @CivilDate()
  start!: string;

  @Required()
  @CivilDate()
  end!: string;
}

/** An area by its code: ISO 3166-1/-2, P-code, GW number. */
export class AreaCodeV1 implements AreaCode {
  @Required()
  @Shaped(64, codeForm)
  code!: string;
}

/** The part of a published number that falls to one area. Parts need not sum to the whole (domain rule 7). */
export class AreaValueV1 implements AreaValue {
  @Required()
  @Nested(AreaCodeV1)
  area!: AreaCodeV1;

  @Required()
  @Nested(ClaimedValueV1)
  value!: ClaimedValueV1;
}
