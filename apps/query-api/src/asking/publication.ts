import { Problem } from '#app/http-edge';
import { parseAsOf, Publication } from '#app/read-models';
import { ApiProperty } from '@nestjs/swagger';
import type { EntityManager } from 'typeorm';
import { NULLABLE_STRING } from './nullable.js';
import type { Pinned } from './pin.js';

/** What `publishedUntil=` means; null when it was not asked for. */
export async function resolvePublication(
  tx: EntityManager,
  publishedUntil: string | undefined,
  { asOf }: Pinned,
): Promise<Publication | null> {
  const until = momentOfPublication(publishedUntil);
  return until === null ? null : Publication.read(tx, asOf, until);
}

/**
 * The moment that `publishedUntil=` names; null when it was not asked for.
 *
 * @throws Problem INVALID_PARAMETER
 */
export function momentOfPublication(publishedUntil: string | undefined): Date | null {
  if (publishedUntil === undefined) return null;
  const moment = parseAsOf(publishedUntil);
  if (moment?.kind !== 'moment') {
    throw Problem.invalidParameter(
      'publishedUntil',
      'must be a time like 2018-11-09T06:00:00Z or a date like 2018-11-09',
    );
  }
  return new Date(moment.ms);
}

export function PublishedUntilAnswer(): PropertyDecorator {
  return ApiProperty({
    ...NULLABLE_STRING,
    format: 'date-time',
    description: 'Only what was published by then counts; null: all that is recorded',
  });
}

export function publishedUntilOf(publication: Publication | null): string | null {
  return publication?.until.toISOString() ?? null;
}
