import { type Trend, TREND_DIRECTIONS, TREND_METRICS, type TrendDirection, type TrendMetric } from '#app/domain';
import { PartyV1, SourceV1 } from '../report/party.js';
import { exactlyOneOf } from '../rules/across-members.js';
import { ListOfNested, Nested, Optional, Required } from '../rules/nesting.js';
import { Magnitude } from '../rules/number.js';
import { AcrossMembers } from '../rules/rule.js';
import { codeForm, Line, OneOf, Shaped, Text } from '../rules/text.js';
import { CivilDate, Timestamp } from '../rules/time.js';
import { PeriodV1 } from './period.js';

/** An area by its code or, where the publisher has none ("disputed territories"), by its own name. */
@AcrossMembers(exactlyOneOf('code', 'name'))
export class TrendAreaV1 {
  @Optional()
  @Shaped(64, codeForm)
  code?: string | null;

  @Optional()
  @Line(200)
  name?: string | null;
}

/** `data` of org.conflictledger.trend.v1 (contract §1): an assertion about a course of things, kept as an assertion. */
export class TrendV1 implements Trend {
  @Required()
  @Line(200)
  trendId!: string;

  @Required()
  @OneOf(TREND_METRICS)
  metric!: TrendMetric;

  @Required()
  @OneOf(TREND_DIRECTIONS)
  direction!: TrendDirection;

  @Optional()
  @CivilDate()
  since?: string | null;

  @Required()
  @ListOfNested(TrendAreaV1, 100, 1)
  areas!: TrendAreaV1[];

  @Required()
  @Nested(PeriodV1)
  period!: PeriodV1;

  @Required()
  @Nested(PartyV1)
  publisher!: PartyV1;

  @Required()
  @Timestamp()
  publishedAt!: string;

  @Optional()
  @Nested(PartyV1)
  by?: PartyV1 | null;

  @Optional()
  @Magnitude()
  magnitude?: number | null;

  @Optional()
  @Nested(SourceV1)
  source?: SourceV1 | null;
}

/** `data` of org.conflictledger.trend-withdrawn.v1. The reason is committed. */
export class TrendWithdrawnV1 {
  @Required()
  @Line(200)
  trendId!: string;

  @Required()
  @Text(2000, 1)
  reason!: string;
}
