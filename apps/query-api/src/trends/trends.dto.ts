import { TREND_DIRECTIONS, TREND_METRICS, type TrendDirection, type TrendMetric } from '#app/domain';
import { ApiProperty } from '@nestjs/swagger';
import { CivilDate, ListOf } from '../asking/filter.dto.js';
import { NULLABLE_NUMBER, NULLABLE_STRING } from '../asking/nullable.js';
import { PartyDto } from '../incidents/incident-detail.dto.js';
import {
  AreaDto,
  OfficialDto,
  OfficialListDto,
  OfficialParameters,
  OfficialPeriodDto,
} from '../official/official.dto.js';

export class TrendsParameters extends OfficialParameters {
  @ListOf(TREND_METRICS, 'What the assertion is about')
  metric?: TrendMetric[];

  @ListOf(TREND_DIRECTIONS, 'What it says of it')
  direction?: TrendDirection[];

  @CivilDate('Only assertions whose period reaches this day')
  from?: string;

  @CivilDate('Only assertions whose period has begun by this day')
  to?: string;
}

export class TrendAreaDto extends AreaDto {
  @ApiProperty({ ...NULLABLE_STRING, description: "The publisher's own name of the area, where it gives no code" })
  givenName!: string | null;
}

/** What an assertion says and who says it. */
export class AssertionDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty()
  trendId!: string;

  @ApiProperty({ enum: TREND_METRICS })
  metric!: string;

  @ApiProperty({ enum: TREND_DIRECTIONS })
  direction!: string;

  @ApiProperty({ ...NULLABLE_STRING, description: 'What a record or a re-emergence is measured from, as published' })
  since!: string | null;

  @ApiProperty({ type: () => OfficialPeriodDto })
  period!: OfficialPeriodDto;

  @ApiProperty({
    type: () => PartyDto,
    description: 'Who says it: the person or body that is quoted, else the publisher',
  })
  speaker!: PartyDto;

  @ApiProperty({ type: () => PartyDto })
  publisher!: PartyDto;

  @ApiProperty({ ...NULLABLE_STRING })
  publishedAt!: string | null;

  @ApiProperty({ ...NULLABLE_NUMBER, description: 'Null: the publisher gives no number, and none is made' })
  magnitude!: number | null;
}

export class TrendDto extends OfficialDto {
  @ApiProperty()
  trendId!: string;

  @ApiProperty({ enum: TREND_METRICS })
  metric!: string;

  @ApiProperty({ enum: TREND_DIRECTIONS })
  direction!: string;

  @ApiProperty({ ...NULLABLE_STRING, description: 'What a record or a re-emergence is measured from, as published' })
  since!: string | null;

  @ApiProperty({ type: () => [TrendAreaDto] })
  areas!: TrendAreaDto[];

  @ApiProperty({ type: () => OfficialPeriodDto })
  period!: OfficialPeriodDto;

  @ApiProperty({
    type: () => PartyDto,
    description: 'Who says it: the person or body that is quoted, else the publisher',
  })
  speaker!: PartyDto;

  @ApiProperty({ ...NULLABLE_NUMBER, description: 'Null: the publisher gives no number, and none is made' })
  magnitude!: number | null;
}

export class TrendsDto extends OfficialListDto {
  @ApiProperty({ type: () => [TrendDto] })
  data!: TrendDto[];
}
