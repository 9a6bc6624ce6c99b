import { type Estimator, ESTIMATORS, MEASURES } from '#app/domain';
import { type Dimension, DIMENSIONS } from '#app/read-models';
import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { ArrayUnique, IsIn, IsOptional } from 'class-validator';
import { AsOfDto } from '../asking/as-of.dto.js';
import { FigureFilterParameters, ListOf } from '../asking/filter.dto.js';
import { NULLABLE_INTEGER, NULLABLE_STRING } from '../asking/nullable.js';
import { PublishedUntilAnswer } from '../asking/publication.js';
import { CsvFlag, CursorText, Limit } from '../asking/paging.dto.js';

export class CasualtiesParameters extends FigureFilterParameters {
  @ListOf(
    DIMENSIONS,
    'What figures are grouped by: at most one region level and one period. Where a place is coarser than the level (or, for day and week, a date coarser than the period) the incident stands in a group of its own. By month, one that is dated to a year only stands in the month in which it starts, and is counted there in `datedOnlyTo`.',
  )
  @ArrayUnique()
  groupBy?: Dimension[];

  @ApiPropertyOptional({ description: 'Point estimate; none given, no `point`', enum: ESTIMATORS })
  @IsOptional()
  @IsIn(ESTIMATORS)
  estimator?: Estimator;

  @ApiPropertyOptional({ description: 'Wins over Accept', enum: ['json', 'csv'] })
  @IsOptional()
  @IsIn(['json', 'csv'])
  format?: 'json' | 'csv';

  @CsvFlag('CSV begins with a byte order mark, for Excel')
  bom?: boolean;

  @CsvFlag('CSV has a second row of HXL hashtags')
  hxl?: boolean;

  @Limit()
  limit?: number;

  @CursorText()
  cursor?: string;
}

export class MeasureSumsDto {
  @ApiProperty({ type: 'integer' })
  lo!: number;

  @ApiProperty({ ...NULLABLE_INTEGER, description: 'Null: open' })
  hi!: number | null;

  @ApiProperty({ type: 'integer', description: 'Sum over the incidents whose upper bound is known' })
  hiKnown!: number;

  @ApiProperty({ type: 'integer', description: 'Incidents without an upper bound, unknown ones included' })
  openIncidents!: number;

  @ApiProperty({ type: 'integer', description: 'Incidents of which only is known that the number is unknown' })
  unknownIncidents!: number;

  @ApiProperty({ type: 'integer', description: 'Incidents without any claim on it: neither zero nor unknown' })
  silentIncidents!: number;

  @ApiProperty({ ...NULLABLE_INTEGER, description: 'By the estimator; null without one, or without values' })
  point!: number | null;

  @ApiProperty({
    ...NULLABLE_INTEGER,
    description: 'Incidents with a claim, but without a value for the estimator; silent ones are not among them',
  })
  withoutPoint!: number | null;
}

export class PlacedOnlyToDto {
  @ApiProperty({ type: 'integer', description: 'Incidents without any place in this boundary set' })
  nowhere!: number;

  @ApiProperty({ type: 'integer', description: 'Incidents known only to the country' })
  country!: number;

  @ApiProperty({
    ...NULLABLE_INTEGER,
    description: 'Incidents known only to the first level; null where the answer does not look below it',
  })
  admin1!: number | null;
}

export class DatedOnlyToDto {
  @ApiProperty({ ...NULLABLE_INTEGER, description: 'Incidents dated only to a week, where the answer looks at days' })
  week!: number | null;

  @ApiProperty({ ...NULLABLE_INTEGER, description: 'Incidents dated only to a month, where it looks at days or weeks' })
  month!: number | null;

  @ApiProperty({ ...NULLABLE_INTEGER, description: 'Incidents dated only to a year, where it looks below years' })
  year!: number | null;
}

export class OpenCandidatesDto {
  @ApiProperty({ type: 'integer', description: 'Pairs of which at least one incident counts (/v1/duplicates)' })
  pairs!: number;

  @ApiProperty({
    type: [String],
    description: 'CloudEvents sources of both sides: a sum over these may count one incident twice',
  })
  publishers!: string[];
}

@ApiExtraModels(MeasureSumsDto)
export class FiguresDto {
  @ApiProperty({ type: 'integer' })
  incidents!: number;

  @ApiProperty({
    type: 'object',
    description: 'By measure: those asked for, else all',
    properties: Object.fromEntries(
      MEASURES.map((measure) => [measure, { $ref: getSchemaPath(MeasureSumsDto) }]),
    ) as never,
    additionalProperties: false,
  })
  measures!: Partial<Record<string, MeasureSumsDto>>;

  @ApiProperty({ type: [String], description: 'CloudEvents sources whose incidents are in it' })
  publishers!: string[];

  @ApiProperty({
    type: () => OpenCandidatesDto,
    nullable: true,
    description:
      'Pairs of incidents that may be one and that nobody has decided on; with `publishedUntil` those that were alike by what had been published; null in a group: told of the total',
  })
  openDuplicateCandidates!: OpenCandidatesDto | null;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    description: 'Incidents that carry a flag, by flag',
  })
  flags!: Record<string, number>;

  @ApiProperty({ type: () => PlacedOnlyToDto })
  placedOnlyTo!: PlacedOnlyToDto;

  @ApiProperty({ type: () => DatedOnlyToDto, description: 'How many of the incidents have no finer date' })
  datedOnlyTo!: DatedOnlyToDto;
}

export class RegionKeyDto {
  @ApiProperty({ enum: ['country', 'admin1', 'admin2'] })
  level!: string;

  @ApiProperty({ ...NULLABLE_STRING, description: 'Null: known only to a coarser area' })
  code!: string | null;

  @ApiProperty({ ...NULLABLE_STRING })
  name!: string | null;

  @ApiProperty({
    ...NULLABLE_STRING,
    description: 'Code of the area that is known, where code is null; null there: placed nowhere',
  })
  placedOnlyTo!: string | null;
}

export class PeriodKeyDto {
  @ApiProperty({ enum: ['day', 'week', 'month', 'year'] })
  unit!: string;

  @ApiProperty({
    ...NULLABLE_STRING,
    description: '2018-10-02, 2018-W40, 2018-10, 2018; null: the date is known only more coarsely',
  })
  key!: string | null;

  @ApiProperty({ ...NULLABLE_STRING, format: 'date' })
  start!: string | null;

  @ApiProperty({ ...NULLABLE_STRING, format: 'date' })
  end!: string | null;
}

export class GroupKeyDto {
  @ApiPropertyOptional({ type: () => PeriodKeyDto })
  period?: PeriodKeyDto;

  @ApiPropertyOptional({ type: () => RegionKeyDto })
  region?: RegionKeyDto;

  @ApiPropertyOptional()
  incidentType?: string;

  @ApiPropertyOptional({ description: 'Delivery or else type; CONTESTED, MULTIPLE or NONE where there is not one' })
  weapon?: string;

  @ApiPropertyOptional()
  status?: string;

  @ApiPropertyOptional()
  publisher?: string;

  @ApiPropertyOptional()
  verification?: string;
}

export class CasualtyGroupDto extends FiguresDto {
  @ApiProperty({ type: () => GroupKeyDto })
  group!: GroupKeyDto;
}

export class CasualtiesDto {
  @ApiProperty({ type: () => [CasualtyGroupDto] })
  data!: CasualtyGroupDto[];

  @ApiProperty({ ...NULLABLE_STRING, format: 'uri' })
  next!: string | null;

  @ApiProperty({ type: () => FiguresDto, description: 'All groups together, those of other pages included' })
  total!: FiguresDto;

  @ApiProperty({ type: 'integer', description: 'Number of groups' })
  groups!: number;

  @ApiProperty({ ...NULLABLE_STRING, enum: ESTIMATORS })
  estimator!: string | null;

  @PublishedUntilAnswer()
  publishedUntil!: string | null;

  @ApiProperty({ type: () => AsOfDto })
  asOf!: AsOfDto;
}
