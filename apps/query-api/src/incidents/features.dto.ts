import { ApiProperty } from '@nestjs/swagger';
import { AsOfDto } from '../asking/as-of.dto.js';
import { NULLABLE_INTEGER, NULLABLE_STRING } from '../asking/nullable.js';
import { PublishedUntilAnswer } from '../asking/publication.js';
import { IncidentDto } from './incidents.dto.js';

export class FeatureDto {
  @ApiProperty({ enum: ['Feature'] })
  type!: string;

  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({
    type: 'object',
    nullable: true,
    additionalProperties: true,
    description: 'A Point; null where the place is coarser than a settlement',
  })
  geometry!: object | null;

  @ApiProperty({ type: () => IncidentDto })
  properties!: IncidentDto;
}

/** RFC 7946: one incident, with the state it was read at beside it. */
export class IncidentFeatureDto extends FeatureDto {
  @PublishedUntilAnswer()
  publishedUntil!: string | null;

  @ApiProperty({ type: () => AsOfDto })
  asOf!: AsOfDto;
}

/** RFC 7946, with the members of a list beside it. */
export class FeatureCollectionDto {
  @ApiProperty({ enum: ['FeatureCollection'] })
  type!: string;

  @ApiProperty({ type: () => [FeatureDto] })
  features!: FeatureDto[];

  @ApiProperty({ ...NULLABLE_STRING, format: 'uri' })
  next!: string | null;

  @ApiProperty({ type: 'integer' })
  total!: number;

  @ApiProperty({ ...NULLABLE_INTEGER })
  notLocated!: number | null;

  @PublishedUntilAnswer()
  publishedUntil!: string | null;

  @ApiProperty({ type: () => AsOfDto })
  asOf!: AsOfDto;
}
