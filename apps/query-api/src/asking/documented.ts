import type { HttpProblemCode } from '#app/http-edge';
import { applyDecorators, type Type } from '@nestjs/common';
import { ApiHeader, ApiResponse, getSchemaPath } from '@nestjs/swagger';

/** Refusals of every route that takes an `asOf`. */
export const AS_OF_PROBLEMS = [
  'UNKNOWN_PARAMETER',
  'INVALID_PARAMETER',
  'UNKNOWN_BOUNDARY',
  'AS_OF_OUT_OF_RANGE',
  'NOT_READY',
  'QUERY_TIMEOUT',
] as const satisfies HttpProblemCode[];

/** Refusals of every route that takes filters. */
export const FILTER_PROBLEMS = [
  ...AS_OF_PROBLEMS,
  'BOUNDARY_SET_PLACING',
  'UNKNOWN_REGION',
  'UNKNOWN_PUBLISHER',
] as const satisfies HttpProblemCode[];

/** What every answer says of itself, whatever its format. */
const STATE_HEADER = {
  'ledger-as-of': {
    description:
      'Dictionary of RFC 9651: position, recorded-at, projection, policy and boundary of the answer, and published-until where it was asked for',
    schema: { type: 'string' as const },
  },
};

/** Header and content of a 200: JSON of a DTO, and texts of other types. */
export function answers(json: Type<unknown>, others: readonly string[]) {
  return {
    headers: STATE_HEADER,
    content: {
      'application/json': { schema: { $ref: getSchemaPath(json) } },
      ...Object.fromEntries(others.map((type) => [type, { schema: { type: 'string' as const } }])),
    },
  };
}

/** 304, and the header that leads to it. */
export function ApiNotModified(): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'if-none-match',
      required: false,
      description: 'ETag of the answer that is there',
      schema: { type: 'string' },
    }),
    ApiResponse({ status: 304, description: 'Not modified since the ETag in If-None-Match' }),
  );
}
