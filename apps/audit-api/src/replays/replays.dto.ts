import { ApiProperty } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';
import { AsOfView } from '../audit.view.js';
import type { Replay, ReplayDigest } from './replay-rows.js';

export class StartReplayDto {
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'Last position to refold',
  })
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  upTo!: number;
}

export class ReplayDigestView implements ReplayDigest {
  @ApiProperty()
  table!: string;

  @ApiProperty({ description: 'SHA-256, hex, of the refolded table' })
  replayed!: string;

  @ApiProperty({ description: 'SHA-256, hex, of the live table as of the position' })
  live!: string;

  @ApiProperty()
  same!: boolean;
}

class ReplayProgressView {
  @ApiProperty({ type: 'integer', minimum: 0 })
  done!: number;

  @ApiProperty({ type: 'integer', minimum: 0 })
  total!: number;
}

class ReplayView implements Replay {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ type: 'integer', minimum: 0 })
  upTo!: number;

  @ApiProperty({ enum: ['RUNNING', 'DONE', 'FAILED'] })
  status!: Replay['status'];

  @ApiProperty({ type: () => ReplayProgressView })
  progress!: ReplayProgressView;

  @ApiProperty({ type: 'array', nullable: true, items: { $ref: '#/components/schemas/ReplayDigestView' } })
  digests!: ReplayDigestView[] | null;

  @ApiProperty({ type: 'boolean', nullable: true, description: 'Whether every table is the same; null until done' })
  same!: boolean | null;

  @ApiProperty({ type: 'string', nullable: true })
  error!: string | null;

  @ApiProperty({ format: 'date-time' })
  startedAt!: string;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  finishedAt!: string | null;
}

export class ReplayAnswerView extends ReplayView {
  @ApiProperty({ type: () => AsOfView })
  asOf!: AsOfView;
}
