import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';

/** `asOf=`, which every read of the ledger takes. What it means the read model says: `parseAsOf` of #app/read-models. */
export function AsOfParameter(): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({
      description:
        'The state of the log that the answer shows: a position, a time (RFC 3339), a date, which means the end of that day in UTC, or the name of a snapshot (/v1/snapshots). A blank in the place of the sign of an offset is read as the `+` that was not escaped. Default: now. Beyond what is recorded, or before it: 422 AS_OF_OUT_OF_RANGE.',
      maxLength: 64,
      pattern: String.raw`^([a-z][a-z0-9-]{1,62}|0|[1-9]\d{0,14}|\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])([Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2}))?)$`,
      example: '0',
    }),
    IsOptional(),
    IsString(),
    MaxLength(64),
  );
}
