import { type Occurred, PARTS_OF_DAY, TIME_PRECISIONS } from '#app/domain';
import { startNotAfterEnd } from '../rules/across-members.js';
import { Optional, Required } from '../rules/nesting.js';
import { AcrossMembers } from '../rules/rule.js';
import { OneOf, TimeZone } from '../rules/text.js';
import { CivilDate } from '../rules/time.js';

/** Civil dates, never shifted by a time zone. */
@AcrossMembers(startNotAfterEnd)
export class DatesV1 implements Pick<Occurred, 'start' | 'end' | 'precision'> {
  @Required()
  @CivilDate()
  start!: string;

  @Required()
  @CivilDate()
  end!: string;

  @Required()
  @OneOf(TIME_PRECISIONS)
  precision!: Occurred['precision'];
}

/** When it happened, as the publisher gave it. */
@AcrossMembers(startNotAfterEnd)
export class OccurredV1 extends DatesV1 implements Occurred {
  @Optional()
  @TimeZone()
  timeZone?: string | null;

  @Optional()
  @OneOf(PARTS_OF_DAY)
  partOfDay?: string | null;
}
