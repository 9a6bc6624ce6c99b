import { UNALLOCATED_FLAGS } from '#app/domain';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { AsOfDto, AsOfParameters } from '../asking/as-of.dto.js';
import { ListOfText, MomentText } from '../asking/filter.dto.js';
import { NULLABLE_INTEGER, NULLABLE_NUMBER, NULLABLE_STRING } from '../asking/nullable.js';
import { CONFIDENTIAL } from '../opening/confidential.js';
import { CsvFlag, CursorText, Limit } from '../asking/paging.dto.js';
import { PublishedUntilAnswer } from '../asking/publication.js';
import { PartyDto } from '../incidents/incident-detail.dto.js';

/** Official figures have two clocks like any other. */
export const OFFICIAL_PUBLISHED_UNTIL =
  'Only what was published by then: of each published thing that stands `asOf`, the newest publication by then that was recorded since its last withdrawal, also one that was recorded only after a newer one. A time (RFC 3339), or a date, which means the end of that day in UTC. Withdrawals hold as recorded. What has no date of publication is left out, and so is a publication that is no newer than one that was withdrawn.';

/** What every list of published things can be asked for. */
export class OfficialParameters extends AsOfParameters {
  @ListOfText(
    'Publishers: a CloudEvents source or the name of a publisher, or words of either in any case. Unknown: 422 UNKNOWN_PUBLISHER.',
    { min: 1, max: 500, split: false },
  )
  publisher?: string[];

  @ListOfText(
    'Areas: what is about one of them, lies in one, or has a part of its own for one; a group of areas stands for each of them. Codes or names as for incidents; unknown: 422 UNKNOWN_REGION.',
    { min: 2, max: 100, split: true },
  )
  region?: string[];

  @MomentText(OFFICIAL_PUBLISHED_UNTIL)
  publishedUntil?: string;

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

export class OfficialPeriodDto {
  @ApiProperty({ format: 'date' })
  start!: string;

  @ApiProperty({ format: 'date', description: 'Inclusive' })
  end!: string;
}

export class AreaDto {
  @ApiProperty({ ...NULLABLE_STRING, description: 'As published' })
  code!: string | null;

  @ApiProperty({
    ...NULLABLE_STRING,
    description: 'Code in the boundary set of the answer; null: it knows no such area',
  })
  region!: string | null;

  @ApiProperty({ ...NULLABLE_STRING })
  name!: string | null;
}

export class IntervalDto {
  @ApiProperty({ ...NULLABLE_INTEGER, description: 'Null: nothing bounds it from below' })
  lo!: number | null;

  @ApiProperty({ ...NULLABLE_INTEGER, description: 'Null: open' })
  hi!: number | null;
}

/** A number as its publisher gives it, and the interval that it means. */
export class PublishedValueDto extends IntervalDto {
  @ApiProperty({ description: 'EXACT, AT_LEAST, … as published' })
  qualifier!: string;

  @ApiProperty({ ...NULLABLE_NUMBER, description: "The publisher's own best figure" })
  point!: number | null;

  @ApiProperty({ ...NULLABLE_STRING })
  phrase!: string | null;
}

export class UnallocatedDto extends IntervalDto {
  @ApiProperty({
    enum: UNALLOCATED_FLAGS,
    isArray: true,
    description: 'The parts are (PARTS_EXCEED_TOTAL) or may be together above the total: shown as it is',
  })
  flags!: string[];
}

export class AreaPartDto {
  @ApiProperty({ type: () => AreaDto })
  area!: AreaDto;

  @ApiProperty({ type: () => PublishedValueDto })
  value!: PublishedValueDto;
}

/** What is the same of everything that is published and recorded. */
export class OfficialDto {
  @ApiProperty({ format: 'uuid', description: 'Names the thing, whatever it says: the same for every revision of it' })
  id!: string;

  @ApiProperty({ description: 'CloudEvents source that sent it' })
  source!: string;

  @ApiProperty({ type: () => PartyDto })
  publisher!: PartyDto;

  @ApiProperty({ ...NULLABLE_STRING })
  publishedAt!: string | null;

  @ApiProperty({
    type: 'object',
    nullable: true,
    additionalProperties: true,
    description: 'Where it was read: name, kind, license, attribution, relayedFrom',
  })
  outlet!: object | null;

  @ApiProperty({ ...NULLABLE_STRING, description: 'Opened for this answer' })
  url!: string | null;

  @ApiProperty({ ...NULLABLE_STRING, description: 'Opened for this answer' })
  archiveUrl!: string | null;

  @ApiProperty({ ...NULLABLE_STRING, description: 'Opened for this answer' })
  documentId!: string | null;

  @ApiProperty({ ...CONFIDENTIAL })
  confidential!: object | null;

  @ApiProperty({ type: 'integer', description: 'Protected values that exist and are not shown' })
  withheld!: number;

  @ApiProperty({ type: [String], description: 'JSON Pointers of values that were erased' })
  erased!: string[];

  @ApiProperty({ type: 'integer', description: 'Event that recorded what it says' })
  position!: number;

  @ApiProperty({ format: 'uuid' })
  eventId!: string;
}

export class OfficialListDto {
  @ApiProperty({ ...NULLABLE_STRING, format: 'uri' })
  next!: string | null;

  @ApiProperty({ type: 'integer' })
  total!: number;

  @PublishedUntilAnswer()
  publishedUntil!: string | null;

  @ApiProperty({ type: () => AsOfDto })
  asOf!: AsOfDto;
}
