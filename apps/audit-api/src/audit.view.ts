import { ApiProperty } from '@nestjs/swagger';
import type { AsOfHead } from './as-of-head.js';

export class AsOfView implements AsOfHead {
  @ApiProperty({ type: 'integer', minimum: 0, description: 'Last position that the answer knows of' })
  position!: number;

  @ApiProperty({ format: 'date-time' })
  recordedAt!: string;

  @ApiProperty({ type: 'integer', minimum: 1, description: 'Number of events up to there: position + 1' })
  treeSize!: number;

  @ApiProperty({ type: 'integer', description: 'Version of the projection that is live' })
  projection!: number;

  @ApiProperty({ type: 'integer', description: 'Version of the conversion policy in force at the position' })
  policy!: number;

  @ApiProperty({ description: 'Boundary set' })
  boundary!: string;
}
