import {
  AGGREGATE_KINDS,
  DIFFERENCE_CODES,
  ESTIMATORS,
  INDICATORS,
  POLICE_RULES,
  STATUS_DEFINITIONS,
} from '#app/domain';
import { ApiProperty } from '@nestjs/swagger';
import { AsOfDto } from '../asking/as-of.dto.js';
import { NULLABLE_INTEGER, NULLABLE_NUMBER, NULLABLE_STRING } from '../asking/nullable.js';
import { PublishedUntilAnswer } from '../asking/publication.js';
import { ExclusionDto } from '../aggregates/aggregates.dto.js';
import { PartyDto } from '../incidents/incident-detail.dto.js';
import {
  AreaDto,
  IntervalDto,
  OfficialPeriodDto,
  PublishedValueDto,
  UnallocatedDto,
} from '../official/official.dto.js';
import { AssertionDto } from '../trends/trends.dto.js';

export class AmountDto extends IntervalDto {
  @ApiProperty({ ...NULLABLE_NUMBER, description: 'By the estimator; null without one, or where one is not known' })
  point!: number | null;
}

export class StatusAmountDto extends AmountDto {
  @ApiProperty({ description: 'Victim status, or TOTAL' })
  status!: string;
}

export class RecordedDto {
  @ApiProperty({ type: 'integer' })
  incidents!: number;

  @ApiProperty({
    type: () => [StatusAmountDto],
    description: 'The parts that stand beside the definition, apart from each other and as sources give them',
  })
  byStatus!: StatusAmountDto[];

  @ApiProperty({ type: () => AmountDto, description: 'These parts together, police taken in or out as asked' })
  together!: AmountDto;

  @ApiProperty({ type: () => AmountDto, description: 'Police in non-combat functions taken in, or out (negative)' })
  policeMoved!: AmountDto;

  @ApiProperty({ type: 'integer' })
  openIncidents!: number;

  @ApiProperty({ type: 'integer' })
  unknownIncidents!: number;

  @ApiProperty({ type: 'integer', description: 'Nobody says anything on what is compared: neither zero nor unknown' })
  silentIncidents!: number;
}

export class ComparedAreaDto {
  @ApiProperty({ type: () => AreaDto })
  area!: AreaDto;

  @ApiProperty({
    type: () => PublishedValueDto,
    nullable: true,
    description: 'Null: the publisher gives no number for it; what it may have is in `unallocated`',
  })
  official!: PublishedValueDto | null;

  @ApiProperty({ type: () => RecordedDto })
  recorded!: RecordedDto;

  @ApiProperty({
    type: () => AmountDto,
    nullable: true,
    description: 'Official less recorded; null without an official one',
  })
  residual!: AmountDto | null;
}

export class ComparedRestDto {
  @ApiProperty({ type: () => UnallocatedDto, description: 'What the publisher gives to no area: shown, never spread' })
  official!: UnallocatedDto;

  @ApiProperty({ type: () => RecordedDto, description: 'Incidents that are known only to the whole area' })
  recorded!: RecordedDto;
}

export class OfficialSideDto extends PublishedValueDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ type: () => IntervalDto, description: 'What is given to areas' })
  allocated!: IntervalDto;

  @ApiProperty({ type: () => UnallocatedDto })
  unallocated!: UnallocatedDto;

  @ApiProperty({ ...NULLABLE_STRING })
  publishedAt!: string | null;

  @ApiProperty({ ...NULLABLE_STRING })
  dataCutoff!: string | null;

  @ApiProperty({ ...NULLABLE_STRING })
  verification!: string | null;

  @ApiProperty({ type: () => [ExclusionDto] })
  coverageExclusions!: ExclusionDto[];

  @ApiProperty({ ...NULLABLE_STRING })
  url!: string | null;

  @ApiProperty({ type: 'integer', description: 'Protected values of the figure that exist and are not shown' })
  withheld!: number;

  @ApiProperty({ type: 'integer', description: 'Event that recorded it' })
  position!: number;
}

export class DifferenceDto {
  @ApiProperty({ enum: DIFFERENCE_CODES, enumName: 'DifferenceCode', description: 'Stable; a closed list' })
  code!: string;

  @ApiProperty({ description: 'For people' })
  detail!: string;

  @ApiProperty({ ...NULLABLE_INTEGER, description: 'Incidents that it is about' })
  incidents!: number | null;

  @ApiProperty({ type: () => IntervalDto, nullable: true, description: 'How much of a figure it is about' })
  amount!: IntervalDto | null;

  @ApiProperty({ type: [String], description: 'Codes of the areas that it is about, as published' })
  areas!: string[];
}

export class ComparisonDto {
  @ApiProperty({ description: 'CloudEvents source that sent the figure' })
  source!: string;

  @ApiProperty()
  series!: string;

  @ApiProperty({ type: () => PartyDto })
  publisher!: PartyDto;

  @ApiProperty({ enum: AGGREGATE_KINDS })
  kind!: string;

  @ApiProperty({ enum: INDICATORS })
  indicator!: string;

  @ApiProperty({ enum: STATUS_DEFINITIONS })
  statusDefinition!: string;

  @ApiProperty({ type: () => OfficialPeriodDto })
  period!: OfficialPeriodDto;

  @ApiProperty({ enum: POLICE_RULES })
  policeNonCombat!: string;

  @ApiProperty({ type: () => AreaDto })
  area!: AreaDto;

  @ApiProperty({ type: () => OfficialSideDto })
  official!: OfficialSideDto;

  @ApiProperty({ type: () => RecordedDto, description: 'All areas together, with what is placed only to the whole' })
  recorded!: RecordedDto;

  @ApiProperty({ type: () => AmountDto, description: 'Official less recorded' })
  residual!: AmountDto;

  @ApiProperty({ type: () => [ComparedAreaDto], description: 'Areas with a number on either side' })
  areas!: ComparedAreaDto[];

  @ApiProperty({ type: () => ComparedRestDto })
  notAllocated!: ComparedRestDto;

  @ApiProperty({ type: () => [DifferenceDto], description: 'Why the two sides are not the same number, one by one' })
  differences!: DifferenceDto[];

  @ApiProperty({ type: () => [AssertionDto], description: 'What the publisher itself asserts of the period and area' })
  assertions!: AssertionDto[];
}

export class ReconciliationDto {
  @ApiProperty({ type: () => [ComparisonDto], description: 'One for each indicator and definition of the series' })
  data!: ComparisonDto[];

  @ApiProperty({ ...NULLABLE_STRING, description: 'Always null: all is in one answer' })
  next!: string | null;

  @ApiProperty({ type: 'integer' })
  total!: number;

  @ApiProperty({ ...NULLABLE_STRING, enum: ESTIMATORS })
  estimator!: string | null;

  @PublishedUntilAnswer()
  publishedUntil!: string | null;

  @ApiProperty({ type: () => AsOfDto })
  asOf!: AsOfDto;
}
