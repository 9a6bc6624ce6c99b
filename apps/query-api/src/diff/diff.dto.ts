import { ESTIMATORS, type Estimator } from '#app/domain';
import { CHANGE_REASONS } from '#app/read-models';
import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath, OmitType } from '@nestjs/swagger';
import { IsIn, IsNotEmpty, IsOptional, IsString, MaxLength } from 'class-validator';
import { AsOfDto } from '../asking/as-of.dto.js';
import { FigureFilterParameters } from '../asking/filter.dto.js';
import { NULLABLE_INTEGER, NULLABLE_STRING } from '../asking/nullable.js';
import { PublishedUntilAnswer } from '../asking/publication.js';
import { CsvFlag, CursorText, Limit } from '../asking/paging.dto.js';
import { FiguresDto } from '../casualties/casualties.dto.js';

export class DiffParameters extends OmitType(FigureFilterParameters, ['asOf'] as const) {
  @ApiProperty({
    description: 'The earlier state: a position, a time, a date or a snapshot, as `asOf` elsewhere',
    maxLength: 64,
    example: '0',
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(64)
  asOfFrom!: string;

  @ApiPropertyOptional({ description: 'The later state; default: now', maxLength: 64 })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  asOfTo?: string;

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

/** Signed changes of one measure; they add up. */
export class MeasureChangeDto {
  @ApiProperty({ type: 'integer' })
  lo!: number;

  @ApiProperty({ type: 'integer', description: 'Of the sum of known upper bounds' })
  hiKnown!: number;

  @ApiProperty({ type: 'integer' })
  openIncidents!: number;

  @ApiProperty({ type: 'integer' })
  unknownIncidents!: number;

  @ApiProperty({ type: 'integer' })
  silentIncidents!: number;

  @ApiProperty({ ...NULLABLE_INTEGER, description: 'By the estimator; null without one' })
  point!: number | null;

  @ApiProperty({ ...NULLABLE_INTEGER, description: 'Null without an estimator' })
  withoutPoint!: number | null;
}

@ApiExtraModels(MeasureChangeDto)
export class ChangedFiguresDto {
  @ApiProperty({
    type: 'integer',
    description: 'Incidents that count now and did not before, less those the other way',
  })
  incidents!: number;

  @ApiProperty({
    type: 'object',
    additionalProperties: { $ref: getSchemaPath(MeasureChangeDto) },
    description: 'By measure; one that did not change is absent',
  })
  measures!: Record<string, MeasureChangeDto>;
}

export class DiffReportDto {
  @ApiProperty({ description: 'CloudEvents source' })
  publisher!: string;

  @ApiProperty()
  reportId!: string;

  @ApiProperty({ ...NULLABLE_INTEGER, description: 'Null for a withdrawal' })
  revision!: number | null;

  @ApiProperty({ ...NULLABLE_STRING, format: 'date-time' })
  publishedAt!: string | null;
}

export class DiffEntryDto {
  @ApiProperty({ type: 'integer', description: 'The event; one that changed several incidents has an entry for each' })
  position!: number;

  @ApiProperty({ format: 'date-time' })
  recordedAt!: string;

  @ApiProperty({
    ...NULLABLE_STRING,
    format: 'uuid',
    description:
      'Null where only the log names it (audit API, events/{position}): an event that took a decision back, in figures of projection 2',
  })
  eventId!: string | null;

  @ApiProperty({ description: 'Type of the recorded event', example: 'ReportRecorded' })
  eventType!: string;

  @ApiProperty({
    enum: [...CHANGE_REASONS, 'OTHER'],
    description: 'LATER_CLAIM: a report whose claimants had all spoken before. Decisions by their kind.',
  })
  reason!: string;

  @ApiProperty({
    ...NULLABLE_STRING,
    description: 'Who decided, `ledger` for what it does itself; null for a report',
  })
  by!: string | null;

  @ApiProperty({ type: () => DiffReportDto, nullable: true, description: 'The report behind it; null for decisions' })
  report!: DiffReportDto | null;

  @ApiProperty({ format: 'uuid' })
  incident!: string;

  @ApiProperty({ ...NULLABLE_STRING, description: "The publisher's key of the incident" })
  ref!: string | null;

  @ApiProperty({ description: 'CloudEvents source' })
  publisher!: string;

  @ApiProperty({
    enum: ['ENTERS', 'LEAVES', 'CHANGES'],
    description: 'Whether the incident counted before and counts after',
  })
  effect!: string;

  @ApiProperty({
    type: [String],
    description:
      'Attributes of the incident that the event changed; with `publishedUntil` none where it was not shown before or is not after',
  })
  attributes!: string[];

  @ApiProperty({ type: () => ChangedFiguresDto })
  changes!: ChangedFiguresDto;
}

export class DiffDto {
  @ApiProperty({ type: () => [DiffEntryDto] })
  data!: DiffEntryDto[];

  @ApiProperty({ ...NULLABLE_STRING, format: 'uri' })
  next!: string | null;

  @ApiProperty({ type: 'integer', description: 'Number of entries' })
  total!: number;

  @ApiProperty({ type: 'integer', description: 'Number of events behind them' })
  events!: number;

  @ApiProperty({ type: () => FiguresDto, description: 'The figure as of `asOfFrom`' })
  before!: FiguresDto;

  @ApiProperty({ type: () => FiguresDto, description: 'The figure as of `asOfTo`' })
  after!: FiguresDto;

  @ApiProperty({ type: () => ChangedFiguresDto, description: 'after − before: the sum of the changes of all entries' })
  difference!: ChangedFiguresDto;

  @ApiProperty({ ...NULLABLE_STRING, enum: ESTIMATORS })
  estimator!: string | null;

  @PublishedUntilAnswer()
  publishedUntil!: string | null;

  @ApiProperty({ type: () => AsOfDto })
  asOfFrom!: AsOfDto;

  @ApiProperty({ type: () => AsOfDto, description: 'The later state' })
  asOf!: AsOfDto;
}
