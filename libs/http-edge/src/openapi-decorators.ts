import { applyDecorators } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiProperty,
  ApiPropertyOptional,
  ApiResponse,
  type ApiResponseSchemaHost,
  getSchemaPath,
} from '@nestjs/swagger';
import { HTTP_PROBLEM_CODES, type HttpProblemCode, statusOf } from './problem-codes.js';

class ProblemErrorDto {
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

/**
 * What one server-sent event is: a schema is of an event and not of the stream, as checkers of answers have it (and OpenAPI 3.2).
 * @param data what its data is; one that only tells how far the stream is has none
 */
export function serverSentEvent(data: string): SchemaObject {
  const text = { type: 'string' };
  return { type: 'object', properties: { id: text, event: text, data: { ...text, description: data } } };
}

type SchemaObject = NonNullable<ApiResponseSchemaHost['schema']>;

/** What any request can run into. */
const EVERYWHERE = [
  'URL_TOO_LONG',
  'HEADERS_TOO_LARGE',
  'INTERNAL',
  'TEMPORARILY_UNAVAILABLE',
] as const satisfies HttpProblemCode[];

/** Documents the refusals of a route, one response per status with its codes; those that are everywhere are added. */
export function ApiProblems(...codes: HttpProblemCode[]): MethodDecorator & ClassDecorator {
  const byStatus = new Map<number, HttpProblemCode[]>();
  for (const code of new Set<HttpProblemCode>([...codes, ...EVERYWHERE])) {
    byStatus.set(statusOf(code), [...(byStatus.get(statusOf(code)) ?? []), code]);
  }
  return applyDecorators(
    ApiExtraModels(ProblemDto),
    ...[...byStatus].map(([status, list]) => ApiResponse({ status, ...problemResponse(list) })),
  );
}

/** The description of an answer that carries one of some codes. */
export function problemResponse(codes: readonly HttpProblemCode[]) {
  return {
    description: codes.join(', '),
    content: { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemDto) } } },
  };
}
