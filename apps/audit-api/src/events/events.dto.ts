import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import { AsOfParameter, BooleanParameter, IntegerParameter } from '#app/http-edge';
import { EVENT_TYPES, type EventType } from '#app/domain';
import { AsOfView } from '../audit.view.js';
import { UUID } from '../identifiers.js';
import { MOMENT } from '../moments.js';

export class ListEventsDto {
  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'First position' })
  @IntegerParameter()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  @IsOptional()
  from?: number;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: 10_000,
    default: 100,
    description: 'Events a page; for NDJSON: events in all, without it the rest of the log',
  })
  @IntegerParameter()
  @IsInt()
  @Min(1)
  @Max(10_000)
  @IsOptional()
  limit?: number;

  @ApiPropertyOptional({ enum: EVENT_TYPES })
  @IsIn(EVENT_TYPES)
  @IsOptional()
  type?: EventType;

  @ApiPropertyOptional({ format: 'uuid', description: 'Incident, rejection or other stream that the event touches' })
  @Matches(UUID, { message: 'stream must be a UUID' })
  @IsOptional()
  stream?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Recorded at this moment or later' })
  @Matches(MOMENT, { message: 'recordedFrom must be a date, a time and an offset, such as 2018-11-08T06:00:00Z' })
  @IsOptional()
  recordedFrom?: string;

  @AsOfParameter()
  asOf?: string;

  @ApiPropertyOptional({ enum: ['json', 'ndjson', 'csv', 'sse'], description: 'Instead of Accept' })
  @IsIn(['json', 'ndjson', 'csv', 'sse'])
  @IsOptional()
  format?: 'json' | 'ndjson' | 'csv' | 'sse';

  @ApiPropertyOptional({ description: 'CSV: a byte order mark for Excel' })
  @BooleanParameter()
  @IsBoolean()
  @IsOptional()
  bom?: boolean;

  @ApiPropertyOptional({ description: 'CSV: the row of HXL hashtags' })
  @BooleanParameter()
  @IsBoolean()
  @IsOptional()
  hxl?: boolean;

  @ApiPropertyOptional({ description: 'From `next` of the page before', maxLength: 2048 })
  @IsString()
  @MaxLength(2048)
  @IsOptional()
  cursor?: string;
}

/** A leaf: the members of docs/architecture.md, in the order of RFC 8785. Each element is the stored text, byte for byte. */
export class LeafView {
  @ApiProperty()
  actor!: string;

  @ApiPropertyOptional({ type: 'array', items: { type: 'object', additionalProperties: true } })
  also?: object[];

  @ApiProperty({ type: 'string', nullable: true })
  causationId!: string | null;

  @ApiProperty()
  correlationId!: string;

  @ApiProperty({ type: 'object', additionalProperties: true })
  data!: object;

  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ format: 'uuid' })
  log!: string;

  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  occurred?: object;

  @ApiProperty({ type: 'integer', minimum: 0 })
  position!: number;

  @ApiProperty({ format: 'date-time' })
  recordedAt!: string;

  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  sd!: Record<string, string>;

  @ApiProperty({ type: 'object', nullable: true, additionalProperties: true })
  source!: object | null;

  @ApiProperty({ format: 'uuid' })
  stream!: string;

  @ApiProperty({ type: 'integer', minimum: 1 })
  streamVersion!: number;

  @ApiProperty({ enum: EVENT_TYPES, enumName: 'EventType' })
  type!: EventType;

  @ApiProperty({ type: 'integer' })
  v!: number;
}

export class EventPageView {
  @ApiProperty({ type: () => [LeafView] })
  data!: LeafView[];

  @ApiProperty({ type: 'string', format: 'uri', nullable: true, description: 'The next page; null on the last' })
  next!: string | null;

  @ApiProperty({ type: 'integer', minimum: 0, description: 'Events in the whole list' })
  total!: number;

  @ApiProperty({ type: () => AsOfView })
  asOf!: AsOfView;
}

export class EventView {
  @ApiProperty({ type: 'integer', minimum: 0 })
  position!: number;

  @ApiProperty({ description: 'The stored text, verbatim: RFC 8785, UTF-8. Hash these bytes.' })
  leaf!: string;

  @ApiProperty({ description: 'RFC 6962 leaf hash: base64 SHA-256(0x00 ‖ leaf)' })
  leafHash!: string;

  @ApiProperty({ description: 'Where the proof is that the event is in the signed log' })
  proof!: string;

  @ApiProperty({ type: () => LeafView, description: 'The same, parsed' })
  event!: LeafView;

  @ApiProperty({ type: () => AsOfView })
  asOf!: AsOfView;
}
