import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength, MinLength } from 'class-validator';
import { ATTRIBUTE_LIMITS, TYPES, URI_PATTERN } from '#app/contract';

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

/** Attributes of plain data on a route that takes messages and their withdrawals. */
function parametersFor(published: string, withdrawn: string) {
  class Parameters extends DecisionParameters {
    @ApiPropertyOptional({
      description: `CloudEvents type of plain data, ${published} when absent. A CloudEvent brings its own, and this is not read.`,
      enum: [published, withdrawn],
    })
    @IsOptional()
    @IsIn([published, withdrawn])
    type?: string;
  }
  return Parameters;
}

export class ReportParameters extends parametersFor(TYPES.REPORT, TYPES.REPORT_WITHDRAWN) {}
export class AggregateParameters extends parametersFor(TYPES.AGGREGATE, TYPES.AGGREGATE_WITHDRAWN) {}
export class TrendParameters extends parametersFor(TYPES.TREND, TYPES.TREND_WITHDRAWN) {}
export class SiteParameters extends parametersFor(TYPES.SITE, TYPES.SITE_WITHDRAWN) {}

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
