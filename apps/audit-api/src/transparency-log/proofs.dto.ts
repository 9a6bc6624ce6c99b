import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { IntegerParameter } from '#app/http-edge';

export class ConsistencyParameters {
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'Size of the smaller tree',
  })
  @IntegerParameter()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  from!: number;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'Size of the larger tree; the published one when absent',
  })
  @IntegerParameter()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  @IsOptional()
  to?: number;
}

class TreeHeadView {
  @ApiProperty({ type: 'integer', minimum: 0, description: 'Leaves' })
  size!: number;

  @ApiProperty({ description: 'SHA-256, base64' })
  root!: string;
}

/** That one tree is the beginning of another. */
export class ConsistencyView {
  @ApiProperty({ type: () => TreeHeadView })
  from!: TreeHeadView;

  @ApiProperty({ type: () => TreeHeadView })
  to!: TreeHeadView;

  @ApiProperty({ type: [String], description: 'RFC 6962 §2.1.2, base64, in order' })
  hashes!: string[];

  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'The signed checkpoint of the larger tree, verbatim; null where none was signed at its size',
  })
  checkpoint!: string | null;
}
