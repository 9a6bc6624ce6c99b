import { AGGREGATE_KINDS, INDICATORS, type Indicator, STATUS_DEFINITIONS, type StatusDefinition } from '#app/domain';
import { ApiProperty } from '@nestjs/swagger';
import { CivilDate, ListOf, ListOfText } from '../asking/filter.dto.js';
import { NULLABLE_NUMBER, NULLABLE_STRING } from '../asking/nullable.js';
import {
  AreaDto,
  AreaPartDto,
  OfficialDto,
  OfficialListDto,
  OfficialParameters,
  OfficialPeriodDto,
  PublishedValueDto,
  UnallocatedDto,
} from '../official/official.dto.js';
import { AssertionDto } from '../trends/trends.dto.js';

export class AggregatesParameters extends OfficialParameters {
  @ListOfText("Series, by their publisher's own id. Unknown: 422 UNKNOWN_SERIES.", { min: 1, max: 500, split: false })
  series?: string[];

  @ListOf(INDICATORS, 'What is counted')
  indicator?: Indicator[];

  @ListOf(STATUS_DEFINITIONS, 'Of whom')
  statusDefinition?: StatusDefinition[];

  @CivilDate('Only figures whose period lies wholly on or after this day')
  from?: string;

  @CivilDate('Only figures whose period lies wholly on or before this day')
  to?: string;
}

export class SeriesNumberDto extends OfficialPeriodDto {
  @ApiProperty({ description: '2018-10, 2018, or both days of a period that is none of the calendar' })
  period!: string;

  @ApiProperty({ type: 'number' })
  value!: number;
}

export class OtherDefinitionDto {
  @ApiProperty()
  period!: string;

  @ApiProperty({ enum: STATUS_DEFINITIONS })
  statusDefinition!: string;
}

export class SeriesRecordDto {
  @ApiProperty({
    type: () => SeriesNumberDto,
    nullable: true,
    description: 'The last period before that is as low (high) or more so; null: none of those present is',
  })
  since!: SeriesNumberDto | null;

  @ApiProperty({ description: 'No other period that is present, later ones included, is as low (high) or more so' })
  isOfAllPresent!: boolean;

  @ApiProperty({
    type: () => SeriesNumberDto,
    nullable: true,
    description: 'The first later period that is as low (high) or more so',
  })
  overtakenBy!: SeriesNumberDto | null;

  @ApiProperty({ type: () => SeriesNumberDto, description: 'The first period of the series that is present' })
  seriesBegins!: SeriesNumberDto;

  @ApiProperty({ type: 'integer', description: 'Periods with a number that it was compared with' })
  comparedPeriods!: number;

  @ApiProperty({
    type: 'array',
    items: { type: 'string' },
    nullable: true,
    description:
      'Periods between `since` (or the beginning of the series) and this one that have no number under the same definition: what the record does not know. Null where the series follows no calendar step.',
  })
  missingPeriods!: string[] | null;

  @ApiProperty({ description: 'More are missing than are listed' })
  hasMoreMissing!: boolean;

  @ApiProperty({
    type: () => [OtherDefinitionDto],
    description: 'Of the missing ones those that the series has under another definition, which are not compared',
  })
  underOtherDefinitions!: OtherDefinitionDto[];
}

export class SeriesStandingDto {
  @ApiProperty({ ...NULLABLE_NUMBER, description: 'What is compared: the point, else lo when open, else the midpoint' })
  value!: number | null;

  @ApiProperty({ type: () => SeriesRecordDto, nullable: true, description: 'Null: the period before is as low' })
  lowest!: SeriesRecordDto | null;

  @ApiProperty({ type: () => SeriesRecordDto, nullable: true, description: 'Null: the period before is as high' })
  highest!: SeriesRecordDto | null;
}

export class RecordsDto {
  @ApiProperty({ type: () => SeriesStandingDto, description: 'This indicator alone' })
  indicator!: SeriesStandingDto;

  @ApiProperty({
    type: () => SeriesStandingDto,
    nullable: true,
    description: 'Killed and injured of the same period together; null where the series has not both',
  })
  killedAndInjured!: SeriesStandingDto | null;
}

export class ExclusionDto {
  @ApiProperty({ type: () => AreaDto })
  area!: AreaDto;

  @ApiProperty({ ...NULLABLE_STRING, description: 'Opened for this answer; null: not given, or erased' })
  reason!: string | null;
}

export class AggregateDto extends OfficialDto {
  @ApiProperty()
  series!: string;

  @ApiProperty({ enum: AGGREGATE_KINDS })
  kind!: string;

  @ApiProperty({ enum: INDICATORS })
  indicator!: string;

  @ApiProperty({ enum: STATUS_DEFINITIONS })
  statusDefinition!: string;

  @ApiProperty({ type: () => OfficialPeriodDto })
  period!: OfficialPeriodDto;

  @ApiProperty({ type: () => AreaDto })
  area!: AreaDto;

  @ApiProperty({ type: () => PublishedValueDto })
  value!: PublishedValueDto;

  @ApiProperty({ type: () => [AreaPartDto], description: 'By area, as published; need not sum to the whole' })
  breakdown!: AreaPartDto[];

  @ApiProperty({
    type: () => UnallocatedDto,
    description: 'What the breakdown leaves over, the whole where there is none: shown, never spread',
  })
  unallocated!: UnallocatedDto;

  @ApiProperty({ ...NULLABLE_STRING, description: 'The last day whose data are in it' })
  dataCutoff!: string | null;

  @ApiProperty({ type: () => [ExclusionDto], description: 'Areas that the figure leaves out, with the reason' })
  coverageExclusions!: ExclusionDto[];

  @ApiProperty({ ...NULLABLE_STRING, description: 'What the publisher says of its certainty' })
  verification!: string | null;

  @ApiProperty({ ...NULLABLE_STRING, description: "The publisher's reference of what it revises" })
  revisionOf!: string | null;

  @ApiProperty({
    type: () => RecordsDto,
    description: '"Lowest since …", computed from the periods of the series that are present as of this answer',
  })
  records!: RecordsDto;

  @ApiProperty({
    type: () => [AssertionDto],
    description:
      'What the publisher itself asserts of the period and area: beside what is computed, never mixed with it',
  })
  assertions!: AssertionDto[];
}

export class AggregatesDto extends OfficialListDto {
  @ApiProperty({ type: () => [AggregateDto] })
  data!: AggregateDto[];
}
