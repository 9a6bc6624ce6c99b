import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { AsOfDto, AsOfParameters } from '../asking/as-of.dto.js';
import { NULLABLE_STRING } from '../asking/nullable.js';
import { CsvFlag } from '../asking/paging.dto.js';

export class SnapshotsParameters extends AsOfParameters {
  @ApiPropertyOptional({ description: 'Wins over Accept', enum: ['json', 'csv'] })
  @IsOptional()
  @IsIn(['json', 'csv'])
  format?: 'json' | 'csv';

  @CsvFlag('CSV begins with a byte order mark, for Excel')
  bom?: boolean;

  @CsvFlag('CSV has a second row of HXL hashtags')
  hxl?: boolean;
}

export class SnapshotDigestsDto {
  @ApiProperty({ description: 'How rows become a digest: docs/snapshots.md', example: 'rows-sha256-v1' })
  algorithm!: string;

  @ApiProperty({ type: 'integer', description: 'Version of the projection that made the figures' })
  projection!: number;

  @ApiProperty({ type: 'integer', description: 'Position of the event that holds the digests' })
  position!: number;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string', pattern: '^[0-9a-f]{64}$' },
    description: 'SHA-256, hex, of each table of the read model as of the snapshot',
  })
  tables!: Record<string, string>;
}

export class SnapshotDto {
  @ApiProperty({ description: 'Use it as `asOf`', example: 'ged-18-1' })
  name!: string;

  @ApiProperty({ type: 'integer', description: 'The position that it names: that of its sealing' })
  position!: number;

  @ApiProperty({ format: 'date-time' })
  recordedAt!: string;

  @ApiProperty({ format: 'uuid' })
  eventId!: string;

  @ApiProperty({ description: 'Who sealed it' })
  by!: string;

  @ApiProperty({ type: 'integer', description: 'Version of the projection that the seal names' })
  projection!: number;

  @ApiProperty({
    type: () => SnapshotDigestsDto,
    nullable: true,
    description: 'What the figures were there; null until the log holds it, and as of a position before it did',
  })
  digests!: SnapshotDigestsDto | null;
}

export class SnapshotsDto {
  @ApiProperty({ type: () => [SnapshotDto] })
  data!: SnapshotDto[];

  @ApiProperty({ ...NULLABLE_STRING, description: 'Always null: snapshots are few, and come whole' })
  next!: string | null;

  @ApiProperty({ type: 'integer' })
  total!: number;

  @ApiProperty({ type: () => AsOfDto })
  asOf!: AsOfDto;
}
