import { type Site, SITE_KINDS, type SiteKind } from '#app/domain';
import { ClaimedValueV1 } from '../report/casualty.js';
import { PartyV1, SourceV1 } from '../report/party.js';
import { ListOfNested, Nested, Optional, Required } from '../rules/nesting.js';
import { Line, OneOf, Text } from '../rules/text.js';
import { CivilDate, Timestamp } from '../rules/time.js';
import { AreaCodeV1, AreaValueV1, PeriodV1 } from './period.js';

/**
 * `data` of org.conflictledger.site.v1 (contract §1): a stock, something found. When the deaths occurred, when it was
 * discovered and when it was published are three dates, and none of them puts it into a month's count.
 */
export class SiteV1 implements Site {
  @Required()
  @Line(200)
  siteRef!: string;

  @Required()
  @OneOf(SITE_KINDS)
  kind!: SiteKind;

  @Required()
  @Nested(ClaimedValueV1)
  count!: ClaimedValueV1;

  @Required()
  @Nested(AreaCodeV1)
  area!: AreaCodeV1;

  @Optional()
  @ListOfNested(AreaValueV1, 300)
  breakdown?: AreaValueV1[] | null;

  @Optional()
  @Nested(ClaimedValueV1)
  victims?: ClaimedValueV1 | null;

  @Optional()
  @Nested(ClaimedValueV1)
  bodiesExhumed?: ClaimedValueV1 | null;

  @Optional()
  @Nested(PeriodV1)
  eventPeriod?: PeriodV1 | null;

  @Optional()
  @CivilDate()
  discovered?: string | null;

  @Optional()
  @Timestamp()
  publishedAt?: string | null;

  @Required()
  @Nested(PartyV1)
  publisher!: PartyV1;

  @Optional()
  @Nested(SourceV1)
  source?: SourceV1 | null;
}

/** `data` of org.conflictledger.site-withdrawn.v1. The reason is committed. */
export class SiteWithdrawnV1 {
  @Required()
  @Line(200)
  siteRef!: string;

  @Required()
  @Text(2000, 1)
  reason!: string;
}
