import { type Dimension, DIMENSIONS, type Period, PERIODS } from '#app/read-models';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayUnique, IsIn, IsOptional } from 'class-validator';
import { AsOfDto } from '../asking/as-of.dto.js';
import { FigureFilterParameters, ListOf } from '../asking/filter.dto.js';
import { NULLABLE_NUMBER, NULLABLE_STRING } from '../asking/nullable.js';
import { PublishedUntilAnswer } from '../asking/publication.js';
import { CsvFlag, CursorText, Limit } from '../asking/paging.dto.js';
import { DatedOnlyToDto, GroupKeyDto, OpenCandidatesDto } from '../casualties/casualties.dto.js';

const SERIES = DIMENSIONS.filter(
  (dimension) => dimension !== 'status' && !(PERIODS as readonly string[]).includes(dimension),
);

export class ActivityParameters extends FigureFilterParameters {
  @ApiPropertyOptional({
    description:
      'Length of a period; weeks are ISO weeks. By month, an incident that is dated to a year only stands in the month in which it starts, and is counted there in `datedOnlyTo`.',
    enum: PERIODS,
    default: 'month',
  })
  @IsOptional()
  @IsIn(PERIODS)
  interval?: Period;

  @ListOf(SERIES, 'One series for each')
  @ArrayUnique()
  groupBy?: Dimension[];

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

export class ChangeDto {
  @ApiProperty({ type: 'integer', description: 'Against the period before' })
  absolute!: number;

  @ApiProperty({ ...NULLABLE_NUMBER, description: 'In per cent, one decimal; null after a period without incidents' })
  percent!: number | null;
}

export class TrailingMeanDto {
  @ApiProperty({
    type: 'integer',
    description:
      'Number of periods that it is the mean of: the twelve before this one, fewer where the recorded series begins later. This period is not in it; periods without incidents are.',
  })
  periods!: number;

  @ApiProperty()
  mean!: number;

  @ApiProperty({ description: 'This period less the mean' })
  difference!: number;
}

export class RecordDto {
  @ApiProperty({ enum: ['lowest', 'highest'] })
  kind!: string;

  @ApiProperty({
    ...NULLABLE_STRING,
    description: 'The last period before that was as low (high) or lower (higher); null: none since the series begins',
  })
  since!: string | null;

  @ApiProperty({ type: 'integer', description: 'Number of periods before this one that were all higher (lower)' })
  periods!: number;
}

export class ActivityPointDto {
  @ApiProperty({ type: () => GroupKeyDto, description: 'The series, where there are several; without the period' })
  group!: GroupKeyDto;

  @ApiProperty({
    ...NULLABLE_STRING,
    description: '2018-10-02, 2018-W40, 2018-10, 2018; null: dated too coarsely for the interval',
  })
  period!: string | null;

  @ApiProperty({ ...NULLABLE_STRING, format: 'date' })
  start!: string | null;

  @ApiProperty({ ...NULLABLE_STRING, format: 'date' })
  end!: string | null;

  @ApiProperty({ type: 'integer' })
  incidents!: number;

  @ApiProperty({ type: () => DatedOnlyToDto, description: 'How many of the incidents have no finer date' })
  datedOnlyTo!: DatedOnlyToDto;

  @ApiProperty({ type: () => ChangeDto, nullable: true, description: 'Null for the first period of the series' })
  change!: ChangeDto | null;

  @ApiProperty({ type: () => TrailingMeanDto, nullable: true })
  trailingMean!: TrailingMeanDto | null;

  @ApiProperty({ type: () => RecordDto, nullable: true })
  record!: RecordDto | null;
}

export class ActivityDto {
  @ApiProperty({ type: () => [ActivityPointDto] })
  data!: ActivityPointDto[];

  @ApiProperty({ ...NULLABLE_STRING, format: 'uri' })
  next!: string | null;

  @ApiProperty({ type: 'integer', description: 'Number of points' })
  total!: number;

  @ApiProperty({ type: 'integer', description: 'Incidents of all points' })
  incidents!: number;

  @ApiProperty({
    type: 'integer',
    description: 'Incidents dated too coarsely for the interval, in points without a period',
  })
  placedOnlyToLongerPeriods!: number;

  @ApiProperty({ enum: PERIODS })
  interval!: Period;

  @ApiProperty({
    type: () => OpenCandidatesDto,
    description: 'Pairs of incidents that may be one, in all points together',
  })
  openDuplicateCandidates!: OpenCandidatesDto;

  @PublishedUntilAnswer()
  publishedUntil!: string | null;

  @ApiProperty({ type: () => AsOfDto })
  asOf!: AsOfDto;
}
