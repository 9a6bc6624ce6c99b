import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiProperty, ApiPropertyOptional, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { HTTP_PROBLEM_CODES, type HttpProblemCode, statusOf } from './problem-codes.js';

export class ProblemErrorDto {
  @ApiPropertyOptional({ description: 'Name of the query or path parameter' })
  parameter?: string;

  @ApiPropertyOptional({ description: 'JSON Pointer into the body' })
  pointer?: string;

  @ApiProperty({ description: 'What is wrong, for programs', example: 'IS_IN' })
  code!: string;

  @ApiProperty({ description: 'What is wrong, for people' })
  detail!: string;
}

/** RFC 9457 with a stable `code`. */
export class ProblemDto {
  @ApiProperty({ example: 'urn:conflict-ledger:problem:BAD_CURSOR' })
  type!: string;

  @ApiProperty()
  title!: string;

  @ApiProperty({ type: 'integer', minimum: 400, maximum: 599 })
  status!: number;

  @ApiProperty({ enum: HTTP_PROBLEM_CODES, enumName: 'ProblemCode', description: 'Stable; a closed list' })
  code!: HttpProblemCode;

  @ApiPropertyOptional()
  detail?: string;

  @ApiPropertyOptional({ description: 'Path of the request' })
  instance?: string;

  @ApiPropertyOptional({ type: () => [ProblemErrorDto] })
  errors?: ProblemErrorDto[];
}

/** Documents the refusals of a route, one response per status with its codes; 500 and 503 are everywhere. */
export function ApiProblems(...codes: HttpProblemCode[]): MethodDecorator & ClassDecorator {
  const byStatus = new Map<number, HttpProblemCode[]>();
  for (const code of new Set<HttpProblemCode>([...codes, 'INTERNAL', 'TEMPORARILY_UNAVAILABLE'])) {
    byStatus.set(statusOf(code), [...(byStatus.get(statusOf(code)) ?? []), code]);
  }
  return applyDecorators(
    ApiExtraModels(ProblemDto),
    ...[...byStatus].map(([status, list]) =>
      ApiResponse({
        status,
        description: list.join(', '),
        content: { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemDto) } } },
      }),
    ),
  );
}
