import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsNotEmpty, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { IntegerParameter } from '#app/http-edge';
import { AsOfView } from '../audit.view.js';
import { AsOfTableParameters } from '../tables.js';
import type { Rejection } from './rejection-rows.js';

const STATUSES = ['OPEN', 'REQUEUED', 'DISCARDED'] as const;

export class ListRejectionsDto extends AsOfTableParameters {
  @ApiPropertyOptional({ enum: STATUSES })
  @IsIn(STATUSES)
  @IsOptional()
  status?: Rejection['status'];

  @ApiPropertyOptional({ description: 'For instance UNKNOWN_FIELD', maxLength: 100 })
  @IsString()
  @MaxLength(100)
  @IsOptional()
  code?: string;

  @ApiPropertyOptional({ maxLength: 249 })
  @IsString()
  @MaxLength(249)
  @IsOptional()
  topic?: string;

  @ApiPropertyOptional({ description: 'CloudEvents source, where the message had a readable one', maxLength: 2048 })
  @IsString()
  @MaxLength(2048)
  @IsOptional()
  source?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 10_000, default: 100 })
  @IntegerParameter()
  @IsInt()
  @Min(1)
  @Max(10_000)
  @IsOptional()
  limit?: number;

  @ApiPropertyOptional({ description: 'From `next` of the page before', maxLength: 2048 })
  @IsString()
  @MaxLength(2048)
  @IsOptional()
  cursor?: string;
}

/** A steward's action on a rejection; who and why are recorded. */
export class ResolveRejectionDto {
  @ApiPropertyOptional({
    description: 'Who decides. With authentication it is who sends this; without it must be given.',
    minLength: 1,
    maxLength: 200,
  })
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  by?: string;

  @ApiProperty({ description: 'Why; committed in the log, not readable in it', minLength: 1, maxLength: 2000 })
  @IsString()
  @IsNotEmpty()
  @MaxLength(2000)
  reason!: string;
}

export class RejectionProblemView {
  @ApiProperty({ description: 'JSON Pointer into the message' })
  pointer!: string;

  @ApiProperty()
  code!: string;

  @ApiPropertyOptional({ description: 'In words; never holds a value of the message' })
  detail?: string;
}

export class RejectionView implements Rejection {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ enum: STATUSES })
  status!: Rejection['status'];

  @ApiProperty({ type: 'integer', minimum: 0, description: 'Position of the ReportRejected event' })
  position!: number;

  @ApiProperty({ format: 'date-time' })
  receivedAt!: string;

  @ApiProperty()
  topic!: string;

  @ApiProperty({ type: 'integer', minimum: 0 })
  partition!: number;

  @ApiProperty({ type: 'integer', minimum: 0 })
  offset!: number;

  @ApiProperty({ description: 'decode, validate, authorize or record' })
  stage!: string;

  @ApiProperty()
  code!: string;

  @ApiProperty({ type: () => [RejectionProblemView] })
  problems!: RejectionProblemView[];

  @ApiProperty({ type: 'string', nullable: true })
  ceSource!: string | null;

  @ApiProperty({ type: 'string', nullable: true })
  ceId!: string | null;

  @ApiProperty({ type: 'string', nullable: true })
  ceType!: string | null;

  @ApiProperty({ type: 'integer', minimum: 0, description: 'Size of the message; its bytes are kept encrypted' })
  bytes!: number;
}

export class RejectionAnswerView extends RejectionView {
  @ApiProperty({ type: () => AsOfView })
  asOf!: AsOfView;
}

export class RejectionPageView {
  @ApiProperty({ type: () => [RejectionView] })
  data!: RejectionView[];

  @ApiProperty({ type: 'string', format: 'uri', nullable: true })
  next!: string | null;

  @ApiProperty({ type: 'integer', minimum: 0 })
  total!: number;

  @ApiProperty({ type: () => AsOfView })
  asOf!: AsOfView;
}

export class DecisionSentView {
  @ApiProperty({ description: 'CloudEvents id of the decision' })
  id!: string;

  @ApiProperty()
  topic!: string;

  @ApiProperty({ type: 'integer', minimum: 0 })
  partition!: number;

  @ApiProperty({ type: 'integer', minimum: 0 })
  offset!: number;

  @ApiProperty({ format: 'uri-reference', description: 'What became of it' })
  status!: string;
}
