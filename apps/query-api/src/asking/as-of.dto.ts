import { AsOfParameter } from '#app/http-edge';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';

export class AsOfParameters {
  @AsOfParameter()
  asOf?: string;

  @ApiPropertyOptional({
    description:
      'Boundary set that places incidents: iso-3166, or one that was imported and activated. Default: LEDGER_DEFAULT_BOUNDARY. Not active as of the state read: 422 UNKNOWN_BOUNDARY, with those that are.',
    maxLength: 40,
    example: 'iso-3166',
  })
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

  @ApiProperty({ type: 'integer', description: 'Version of the conversion policy in force at the position' })
  policy!: number;

  @ApiProperty({ description: 'Boundary set' })
  boundary!: string;
}
