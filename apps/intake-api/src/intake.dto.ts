import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength, MinLength } from 'class-validator';
import { ATTRIBUTE_LIMITS, TYPES, URI_PATTERN } from '#app/contract';

const REPORT_TYPES = [TYPES.REPORT, TYPES.REPORT_WITHDRAWN];

/** CloudEvents attributes that plain data need beside the body. */
export class DecisionParameters {
  @ApiPropertyOptional({
    description: 'CloudEvents source of plain data, which need it. A CloudEvent brings its own, and this is not read.',
    pattern: URI_PATTERN,
    minLength: 1,
    maxLength: ATTRIBUTE_LIMITS.source,
    example: 'urn:publisher:example',
  })
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(ATTRIBUTE_LIMITS.source)
  source?: string;
}

export class ReportParameters extends DecisionParameters {
  @ApiPropertyOptional({
    description: `CloudEvents type of plain data, ${TYPES.REPORT} when absent. A CloudEvent brings its own, and this is not read.`,
    enum: REPORT_TYPES,
  })
  @IsOptional()
  @IsIn(REPORT_TYPES)
  type?: string;
}

/** Where a message lies in Kafka, and where to ask what became of it. */
export class AcceptedDto {
  @ApiProperty({ description: 'CloudEvents id' })
  id!: string;

  @ApiProperty({ description: 'CloudEvents source' })
  source!: string;

  @ApiProperty({ example: 'conflict.reports.v1' })
  topic!: string;

  @ApiProperty({ type: 'integer', minimum: 0 })
  partition!: number;

  @ApiProperty({ type: 'integer', minimum: 0 })
  offset!: number;

  @ApiProperty({ format: 'uri', description: 'PENDING, RECORDED, DUPLICATE or REJECTED, with position: audit-api' })
  status!: string;
}

/** Answer to a batch or to lines, in their order. */
export class AcceptedListDto {
  @ApiProperty({ type: () => [AcceptedDto] })
  data!: AcceptedDto[];

  @ApiProperty({ type: 'integer', minimum: 1 })
  total!: number;
}
