import { DUPLICATE_RULES } from '#app/domain';
import { IntegerParameter } from '#app/http-edge';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';
import { AsOfDto, AsOfParameters } from '../asking/as-of.dto.js';
import { ListOfText } from '../asking/filter.dto.js';
import { NULLABLE_NUMBER, NULLABLE_STRING } from '../asking/nullable.js';
import { CsvFlag, CursorText, Limit } from '../asking/paging.dto.js';

export class DuplicatesParameters extends AsOfParameters {
  @ApiPropertyOptional({
    format: 'uuid',
    description: 'Pairs of this incident; of its survivor, where it was merged. Unknown: 404 INCIDENT_NOT_FOUND.',
  })
  @IsOptional()
  @IsUUID()
  incident?: string;

  @ListOfText('Areas: at least one of the two is placed there. Unknown: 422 UNKNOWN_REGION.', {
    min: 2,
    max: 100,
    split: true,
  })
  region?: string[];

  @ListOfText('Publishers: at least one of the two is theirs. Unknown: 422 UNKNOWN_PUBLISHER.', {
    min: 1,
    max: 500,
    split: false,
  })
  publisher?: string[];

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: 100,
    default: 0,
    description: 'Only pairs as alike as this',
  })
  @IsOptional()
  @IntegerParameter()
  @IsInt()
  @Min(0)
  @Max(100)
  minScore?: number;

  @ApiPropertyOptional({ description: 'Wins over Accept', enum: ['json', 'csv', 'ndjson'] })
  @IsOptional()
  @IsIn(['json', 'csv', 'ndjson'])
  format?: 'json' | 'csv' | 'ndjson';

  @CsvFlag('CSV begins with a byte order mark, for Excel')
  bom?: boolean;

  @CsvFlag('CSV has a second row of HXL hashtags')
  hxl?: boolean;

  @Limit()
  limit?: number;

  @CursorText()
  cursor?: string;
}

export class DuplicateIncidentDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ description: 'CloudEvents source' })
  publisher!: string;

  @ApiProperty({ ...NULLABLE_STRING, description: 'Key of its publisher' })
  ref!: string | null;

  @ApiProperty()
  verification!: string;

  @ApiProperty()
  incidentType!: string;

  @ApiProperty({ format: 'date' })
  start!: string;

  @ApiProperty({ ...NULLABLE_STRING, description: 'Place as its publisher names it' })
  placeName!: string | null;

  @ApiProperty({ description: 'How finely it is placed' })
  precision!: string;

  @ApiProperty({ ...NULLABLE_STRING, description: 'Country in the boundary set of the answer' })
  country!: string | null;

  @ApiProperty({ ...NULLABLE_STRING, description: 'First-level area' })
  admin1!: string | null;

  @ApiProperty({ ...NULLABLE_STRING, description: 'Second-level area' })
  admin2!: string | null;

  @ApiProperty({ type: [String] })
  actors!: string[];
}

export class DuplicateDto {
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 100, description: 'Place 40, time 30, type 20, actors 10' })
  score!: number;

  @ApiProperty({ enum: DUPLICATE_RULES, description: 'The rule that proposes the pair' })
  rule!: string;

  @ApiProperty({
    ...NULLABLE_NUMBER,
    description: 'Between the points; null where one of the two is placed to an area',
  })
  km!: number | null;

  @ApiProperty({ type: 'integer', description: 'Between the days on which they began' })
  days!: number;

  @ApiProperty({ enum: ['SAME', 'FAMILY', 'UNKNOWN', 'DIFFERENT'], description: 'How far the types agree' })
  type!: string;

  @ApiProperty({ type: [String], description: 'Actors that both name' })
  actors!: string[];

  @ApiProperty({ type: 'integer', description: 'The event since which the pair stands like this' })
  position!: number;

  @ApiProperty({ type: [DuplicateIncidentDto], minItems: 2, maxItems: 2 })
  incidents!: DuplicateIncidentDto[];
}

export class DuplicatesDto {
  @ApiProperty({ type: [DuplicateDto] })
  data!: DuplicateDto[];

  @ApiProperty({ ...NULLABLE_STRING, format: 'uri', description: 'The next page' })
  next!: string | null;

  @ApiProperty({ type: 'integer' })
  total!: number;

  @ApiProperty({ type: AsOfDto })
  asOf!: AsOfDto;
}
