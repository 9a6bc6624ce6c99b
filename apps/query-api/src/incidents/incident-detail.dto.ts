import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsUUID } from 'class-validator';
import { AsOfDto, AsOfParameters } from '../asking/as-of.dto.js';
import { NULLABLE_INTEGER, NULLABLE_STRING } from '../asking/nullable.js';
import { CsvFlag } from '../asking/paging.dto.js';
import { IncidentDto } from './incidents.dto.js';

export class IncidentPath {
  @ApiProperty({ format: 'uuid', description: 'Ledger id of the incident' })
  @IsUUID(undefined, { message: 'id must be a UUID' })
  id!: string;
}

export class IncidentParameters extends AsOfParameters {
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

  @ApiProperty({ type: 'integer', description: 'Confidential values that exist and are not shown' })
  withheld!: number;

  @ApiProperty({
    type: [String],
    description: 'JSON Pointers of values that were erased: nobody can read them any more',
  })
  erased!: string[];
}

export class LineageDto {
  @ApiProperty({ type: 'array', items: { type: 'string' }, description: 'Incidents merged into this one' })
  absorbed!: string[];

  @ApiProperty({ ...NULLABLE_STRING, description: 'The incident that absorbed this one' })
  survivor!: string | null;
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

  @ApiProperty({ type: () => AsOfDto })
  asOf!: AsOfDto;
}
