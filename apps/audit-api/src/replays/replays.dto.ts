import { ApiProperty } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';
import { AsOfView } from '../audit.view.js';
import type { Replay, ReplayDifference, ReplayDigest, ReplayedBalances, ReplayedSnapshot } from './replay-rows.js';

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

class ReplayDifferenceView implements ReplayDifference {
  @ApiProperty({
    enum: ['MISSING', 'ADDED', 'CHANGED'],
    description: 'The row is not in the live table, is there only, or is another in `columns`',
  })
  kind!: ReplayDifference['kind'];

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'The columns that name the row' })
  row!: ReplayDifference['row'];

  @ApiProperty({ type: [String] })
  columns!: readonly string[];
}

export class ReplayDigestView implements ReplayDigest {
  @ApiProperty()
  table!: string;

  @ApiProperty({ description: 'SHA-256, hex, of the refolded table' })
  replayed!: string;

  @ApiProperty({ description: 'SHA-256, hex, of the live table as of the position' })
  live!: string;

  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'SHA-256, hex, as the log holds it of a snapshot at the position; null where there is none to compare',
  })
  recorded!: string | null;

  @ApiProperty()
  same!: boolean;

  @ApiProperty({
    type: () => ReplayDifferenceView,
    nullable: true,
    description: 'The first row in which the live table is not what the log says',
  })
  firstDifference!: ReplayDifferenceView | null;
}

class ReplayedSnapshotView implements ReplayedSnapshot {
  @ApiProperty()
  name!: string;

  @ApiProperty({ type: 'integer', description: 'Version of the projection that made the recorded figures' })
  projection!: number;

  @ApiProperty({ type: 'integer', description: 'Position of the event that holds their digests' })
  position!: number;

  @ApiProperty({ type: 'string', nullable: true, description: 'Why they cannot be compared; null when they can' })
  incomparable!: string | null;
}

class ReplayedBalancesView implements ReplayedBalances {
  @ApiProperty({ type: 'integer', description: 'The live checkpoint, as of which they were compared' })
  position!: number;

  @ApiProperty({ description: 'SHA-256, hex, of the balances that are kept' })
  kept!: string;

  @ApiProperty({ description: 'SHA-256, hex, of what the live postings add up to' })
  summed!: string;

  @ApiProperty()
  same!: boolean;

  @ApiProperty({ type: () => ReplayDifferenceView, nullable: true })
  firstDifference!: ReplayDifferenceView | null;
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

  @ApiProperty({
    type: () => ReplayedSnapshotView,
    nullable: true,
    description: 'The snapshot at the position, when the log holds digests of it',
  })
  snapshot!: ReplayedSnapshotView | null;

  @ApiProperty({
    type: () => ReplayedBalancesView,
    nullable: true,
    description: 'What the figures of now are read from, against the postings; null until done',
  })
  balances!: ReplayedBalancesView | null;

  @ApiProperty({
    type: 'boolean',
    nullable: true,
    description: 'Whether all that was compared is the same; null until done',
  })
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
