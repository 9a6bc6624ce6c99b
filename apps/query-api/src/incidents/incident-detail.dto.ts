import { CHANGE_REASONS } from '#app/read-models';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsUUID } from 'class-validator';
import { AsOfDto, AsOfParameters } from '../asking/as-of.dto.js';
import { NULLABLE_INTEGER, NULLABLE_STRING } from '../asking/nullable.js';
import { CONFIDENTIAL } from '../opening/confidential.js';
import { PublishedUntil } from '../asking/filter.dto.js';
import { PublishedUntilAnswer } from '../asking/publication.js';
import { CsvFlag } from '../asking/paging.dto.js';
import { IncidentDto } from './incidents.dto.js';

export class IncidentPath {
  @ApiProperty({ format: 'uuid', description: 'Ledger id of the incident' })
  @IsUUID(undefined, { message: 'id must be a UUID' })
  id!: string;
}

export class IncidentParameters extends AsOfParameters {
  @PublishedUntil()
  publishedUntil?: string;

  @ApiPropertyOptional({
    description: 'Wins over Accept. All but JSON hold the incident as a list shows it, without its sources.',
    enum: ['json', 'csv', 'geojson', 'ndjson'],
  })
  @IsOptional()
  @IsIn(['json', 'csv', 'geojson', 'ndjson'])
  format?: 'json' | 'csv' | 'geojson' | 'ndjson';

  @CsvFlag('CSV begins with a byte order mark, for Excel')
  bom?: boolean;

  @CsvFlag('CSV has a second row of HXL hashtags')
  hxl?: boolean;
}

export class PartyDto {
  @ApiProperty({ description: 'A pseudonym where the name is protected' })
  name!: string;

  @ApiProperty()
  kind!: string;
}

export class ClaimDto {
  @ApiProperty()
  measure!: string;

  @ApiProperty({ ...NULLABLE_STRING, description: 'Null: about the total' })
  status!: string | null;

  @ApiProperty({ ...NULLABLE_STRING })
  role!: string | null;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'qualifier, lo, hi (null = open), point, phrase, as given',
  })
  value!: object;

  @ApiProperty({ type: () => PartyDto, description: 'Who says it: `by`, else the last relay, else the source' })
  claimant!: PartyDto;
}

export class OpenedDto {
  @ApiProperty({ ...NULLABLE_STRING })
  summary!: string | null;

  @ApiProperty({ type: [String] })
  tags!: string[];

  @ApiProperty({ ...NULLABLE_STRING })
  url!: string | null;

  @ApiProperty({ ...NULLABLE_STRING })
  archiveUrl!: string | null;

  @ApiProperty({ ...NULLABLE_STRING })
  documentId!: string | null;
}

export class ReportDto {
  @ApiProperty({ enum: ['ACTIVE', 'SUPERSEDED', 'WITHDRAWN'] })
  state!: string;

  @ApiProperty({
    format: 'uuid',
    description: 'The incident under which it was recorded: another one after a merge or a split',
  })
  recordedUnder!: string;

  @ApiProperty({ description: 'CloudEvents source' })
  publisher!: string;

  @ApiProperty()
  reportId!: string;

  @ApiProperty({ type: 'integer' })
  revision!: number;

  @ApiProperty({ type: 'integer', description: 'Event that recorded it' })
  position!: number;

  @ApiProperty({ ...NULLABLE_INTEGER, description: 'Event that replaced or withdrew it' })
  supersededAt!: number | null;

  @ApiProperty({ format: 'uuid' })
  eventId!: string;

  @ApiProperty()
  publishedAt!: string;

  @ApiProperty({ ...NULLABLE_STRING })
  language!: string | null;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'Outlet: name, kind, license, attribution, relayedFrom',
  })
  source!: object;

  @ApiProperty({ type: 'object', additionalProperties: true })
  occurred!: object;

  @ApiProperty({ type: 'object', additionalProperties: true })
  place!: object;

  @ApiProperty({ type: 'object', additionalProperties: true })
  classification!: object;

  @ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: true } })
  actors!: object[];

  @ApiProperty({ type: () => [ClaimDto] })
  claims!: ClaimDto[];

  @ApiProperty({ type: [String] })
  flags!: string[];

  @ApiProperty({ type: () => OpenedDto, description: 'Committed values that every reader may see' })
  opened!: OpenedDto;

  @ApiProperty({ ...CONFIDENTIAL })
  confidential!: object | null;

  @ApiProperty({ type: 'integer', description: 'Confidential values that exist and are not shown' })
  withheld!: number;

  @ApiProperty({
    type: [String],
    description: 'JSON Pointers of values that were erased: nobody can read them any more',
  })
  erased!: string[];
}

/** One end of a merge or a split; both ends have one. */
export class LineageLinkDto {
  @ApiProperty({ format: 'uuid', description: 'The incident at the other end' })
  incident!: string;

  @ApiProperty({ type: 'integer', description: 'The event that decided it' })
  position!: number;

  @ApiProperty({ format: 'date-time' })
  recordedAt!: string;

  @ApiProperty({ format: 'uuid' })
  eventId!: string;

  @ApiProperty({ description: 'Who decided' })
  by!: string;

  @ApiProperty({ ...NULLABLE_INTEGER, description: 'The event that took it back; null while it stands' })
  endedAt!: number | null;

  @ApiPropertyOptional({ description: 'Of a split: the report that counts elsewhere' })
  reportId?: string;
}

export class LineageDto {
  @ApiProperty({
    ...NULLABLE_STRING,
    format: 'uuid',
    description: 'The incident under which this one counts now, through however many merges',
  })
  survivor!: string | null;

  @ApiProperty({
    type: 'array',
    items: { type: 'string', format: 'uuid' },
    description: 'Incidents that count under this one now, those that these had absorbed included',
  })
  absorbed!: string[];

  @ApiProperty({ type: () => [LineageLinkDto] })
  mergedInto!: LineageLinkDto[];

  @ApiProperty({ type: () => [LineageLinkDto] })
  merged!: LineageLinkDto[];

  @ApiProperty({ type: () => [LineageLinkDto] })
  splitOut!: LineageLinkDto[];

  @ApiProperty({ type: () => [LineageLinkDto] })
  splitIn!: LineageLinkDto[];
}

export class IncidentDecisionDto {
  @ApiProperty({ enum: CHANGE_REASONS, description: 'The kind of the decision' })
  kind!: string;

  @ApiProperty({ type: 'integer', description: 'The event' })
  position!: number;

  @ApiProperty({ format: 'date-time' })
  recordedAt!: string;

  @ApiProperty({ format: 'uuid' })
  eventId!: string;

  @ApiProperty({ description: 'Who decided' })
  by!: string;

  @ApiProperty({ ...NULLABLE_INTEGER, description: 'The event that replaced it or took it back; null while it stands' })
  endedAt!: number | null;

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'What was decided' })
  decided!: object;

  @ApiProperty({ ...NULLABLE_STRING, description: 'Opened for this answer; null: none, or erased' })
  reason!: string | null;

  @ApiProperty({ ...NULLABLE_STRING, description: 'Of a verification; opened for this answer' })
  grounds!: string | null;

  @ApiProperty({ type: [String], description: 'Pointers of what was erased of the decision', example: ['/reason'] })
  erased!: string[];
}

export class IncidentDetailDto extends IncidentDto {
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'array', items: { type: 'object', additionalProperties: true } },
    description: 'By attribute on which claimants differ: what each says, the value that holds first',
  })
  contested!: object;

  @ApiProperty({ type: () => [ReportDto], description: 'Every report, in the order in which they were recorded' })
  sources!: ReportDto[];

  @ApiProperty({ type: 'integer', description: 'Confidential values of all reports that exist and are not shown' })
  withheld!: number;

  @ApiProperty({ type: () => LineageDto })
  lineage!: LineageDto;

  @ApiProperty({ type: () => [IncidentDecisionDto], description: 'Every decision on it, in the order of recording' })
  decisions!: IncidentDecisionDto[];

  @PublishedUntilAnswer()
  publishedUntil!: string | null;

  @ApiProperty({ type: () => AsOfDto })
  asOf!: AsOfDto;
}
