import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';

export class AsOfParameters {
  @ApiPropertyOptional({
    description:
      'The state of the log that the answer shows: a position, a time (RFC 3339), or a date, which means the end of that day in UTC. A blank in the place of the sign of an offset is read as the `+` that was not escaped. Default: now. Beyond what is recorded, or before it: 422 AS_OF_OUT_OF_RANGE.',
    maxLength: 40,
    pattern: String.raw`^(0|[1-9]\d{0,14}|\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])([Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2}))?)$`,
    example: '0',
  })
  @IsOptional()
  @IsString()
  @MaxLength(40)
  asOf?: string;

  @ApiPropertyOptional({ description: 'Boundary set that places incidents', enum: ['iso-3166'], default: 'iso-3166' })
  @IsOptional()
  @IsString()
  @MaxLength(40)
  boundary?: string;
}

/** What fixes an answer: log position, projection, policy, boundary set. */
export class AsOfDto {
  @ApiProperty({ type: 'integer', minimum: 0, description: 'The last event that the answer counts' })
  position!: number;

  @ApiProperty({ format: 'date-time' })
  recordedAt!: string;

  @ApiProperty({ type: 'integer', minimum: 1, description: 'Size of the Merkle tree that proves it' })
  treeSize!: number;

  @ApiProperty({ type: 'integer', description: 'Version of the projection' })
  projection!: number;

  @ApiProperty({ type: 'integer', description: 'Version of the conversion policy' })
  policy!: number;

  @ApiProperty({ description: 'Boundary set' })
  boundary!: string;
}
