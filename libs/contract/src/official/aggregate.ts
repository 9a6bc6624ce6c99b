import {
  AGGREGATE_KINDS,
  type Aggregate,
  type AggregateKind,
  type AggregateWithdrawnData,
  INDICATORS,
  type Indicator,
  STATUS_DEFINITIONS,
  type StatusDefinition,
} from '#app/domain';
import { ClaimedValueV1 } from '../report/casualty.js';
import { PartyV1, SourceV1 } from '../report/party.js';
import { ListOfNested, Nested, Optional, Required } from '../rules/nesting.js';
import { codeForm, Line, OneOf, Shaped, Text } from '../rules/text.js';
import { CivilDate, Timestamp } from '../rules/time.js';
import { AreaCodeV1, AreaValueV1, PeriodV1 } from './period.js';

/** An area that a number leaves out, and why; the reason is committed. */
export class CoverageExclusionV1 {
  @Required()
  @Shaped(64, codeForm)
  code!: string;

  @Optional()
  @Text(500)
  reason?: string | null;
}

/**
 * `data` of org.conflictledger.aggregate.v1 (contract §1): a total that an authority or an organisation published. Of one
 * figure (source, series, indicator, definition, period, area) the newest `publishedAt` holds.
 */
export class AggregateV1 implements Aggregate {
  @Required()
  @Line(200)
  seriesId!: string;

  @Required()
  @Nested(PartyV1)
  publisher!: PartyV1;

  @Required()
  @OneOf(INDICATORS)
  indicator!: Indicator;

  @Required()
  @OneOf(STATUS_DEFINITIONS)
  statusDefinition!: StatusDefinition;

  @Required()
  @Nested(PeriodV1)
  period!: PeriodV1;

  @Required()
  @Nested(AreaCodeV1)
  area!: AreaCodeV1;

  @Required()
  @Nested(ClaimedValueV1)
  value!: ClaimedValueV1;

  @Optional()
  @ListOfNested(AreaValueV1, 300)
  breakdown?: AreaValueV1[] | null;

  @Required()
  @Timestamp()
  publishedAt!: string;

  @Optional()
  @CivilDate()
  dataCutoff?: string | null;

  @Optional()
  @ListOfNested(CoverageExclusionV1, 100)
  coverageExclusions?: CoverageExclusionV1[] | null;

  @Optional()
  @Text(500)
  verification?: string | null;

  @Required()
  @OneOf(AGGREGATE_KINDS)
  kind!: AggregateKind;

  @Optional()
  @Line(200)
  revisionOf?: string | null;

  @Optional()
  @Nested(SourceV1)
  source?: SourceV1 | null;
}

/** `data` of org.conflictledger.aggregate-withdrawn.v1: without a period the whole series. The reason is committed. */
export class AggregateWithdrawnV1 implements AggregateWithdrawnData {
  @Required()
  @Line(200)
  seriesId!: string;

  @Optional()
  @Nested(PeriodV1)
  period?: PeriodV1 | null;

  @Required()
  @Text(2000, 1)
  reason!: string;
}
