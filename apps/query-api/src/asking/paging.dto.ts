import { BooleanParameter, IntegerParameter } from '#app/http-edge';
import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';

export const LIMIT_DEFAULT = 100;
export const LIMIT_MAX = 10_000;

/** @param max of a route whose rows are larger than usual */
export function Limit(max = LIMIT_MAX): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({
      type: 'integer',
      minimum: 1,
      maximum: max,
      description: `Rows of a page; default ${LIMIT_DEFAULT}, for CSV ${max}`,
    }),
    IsOptional(),
    IntegerParameter(),
    IsInt(),
    Min(1),
    Max(max),
  );
}

export function CursorText(): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({
      description:
        'Where the page begins: take it from `next`. It holds for the same parameters only; else 400 BAD_CURSOR.',
      minLength: 1,
      maxLength: 2048,
      pattern: '^[A-Za-z0-9_-]+$',
    }),
    IsOptional(),
    IsString(),
    MaxLength(2048),
  );
}

export function CsvFlag(description: string): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ type: 'boolean', description }),
    IsOptional(),
    BooleanParameter(),
    IsBoolean(),
  );
}
