import {
  INCIDENT_TYPES,
  type IncidentType,
  type Measure,
  MEASURES,
  TARGETS,
  type Verification,
  VERIFICATIONS,
  VICTIM_ROLES,
  VICTIM_STATUSES,
  type VictimStatus,
  WEAPON_DELIVERIES,
  WEAPON_INITIATIONS,
  WEAPON_TYPES,
} from '#app/domain';
import { ListParameter } from '#app/http-edge';
import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsIn, IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import { AsOfParameters } from './as-of.dto.js';

const WEAPONS = [...new Set([...WEAPON_TYPES, ...WEAPON_DELIVERIES, ...WEAPON_INITIATIONS])];
const VALUES_MAX = 50;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** A list of values from a closed list. */
export function ListOf(values: readonly string[], description: string): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ description, enum: values, isArray: true, maxItems: VALUES_MAX }),
    IsOptional(),
    ListParameter(),
    ArrayMaxSize(VALUES_MAX),
    IsIn(values, { each: true }),
  );
}

export function ListOfText(
  description: string,
  { min, max, split }: { min: number; max: number; split: boolean },
): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({
      description,
      type: 'array',
      items: { type: 'string', minLength: min, maxLength: max },
      maxItems: VALUES_MAX,
    }),
    IsOptional(),
    ListParameter({ split }),
    ArrayMaxSize(VALUES_MAX),
    MinLength(min, { each: true }),
    MaxLength(max, { each: true }),
  );
}

export function CivilDate(description: string): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ description, format: 'date', example: '2018-10-01' }),
    IsOptional(),
    IsString(),
    Matches(DATE, { message: '$property must be a date like 2018-10-01' }),
  );
}

/** Which incidents count (contract §3). Lists: again and again, or separated by commas; alternatives within a list. */
export class FilterParameters extends AsOfParameters {
  @ListOfText(
    'Areas: ISO 3166-1 alpha-2 or alpha-3, ISO 3166-2, P-code, Gleditsch–Ward number, or a name. Unknown: 422 UNKNOWN_REGION.',
    { min: 2, max: 100, split: true },
  )
  region?: string[];

  @CivilDate('First day, inclusive; a civil date')
  from?: string;

  @CivilDate('Last day, inclusive; a civil date')
  to?: string;

  @ApiPropertyOptional({
    description:
      'By which date an incident counts: that of its start, of its end, or any day of it (with `overlap`, one that began before `from` counts in the first period)',
    enum: ['start', 'end', 'overlap'],
    default: 'start',
  })
  @IsOptional()
  @IsIn(['start', 'end', 'overlap'])
  dateRule?: 'start' | 'end' | 'overlap';

  @ListOf(MEASURES, 'Measures that are shown (figures) or spoken of (lists, activity)')
  measure?: Measure[];

  @ListOf(
    VICTIM_STATUSES,
    'Victim statuses: the parts of the toll that are shown (figures) or spoken of (lists, activity). Several are added up, which is not a total.',
  )
  status?: VictimStatus[];

  @ListOf(VICTIM_ROLES, 'Roles of victims')
  role?: string[];

  @ListOf(INCIDENT_TYPES, 'Types of incident')
  incidentType?: IncidentType[];

  @ListOf(WEAPONS, 'Weapons, by type, delivery or initiation')
  weapon?: string[];

  @ListOf(TARGETS, 'Targets')
  target?: string[];

  @ListOfText('Actors: part of a name, in any case', { min: 2, max: 200, split: false })
  actor?: string[];

  @ListOfText(
    'Publishers: a CloudEvents source, or a word of one in any case (`UCDP` for https://ucdp.uu.se/ged). Unknown: 422 UNKNOWN_PUBLISHER.',
    { min: 1, max: 500, split: false },
  )
  publisher?: string[];

  @ListOf(VERIFICATIONS, 'Verification. Without it, DISCOUNTED and RETRACTED do not count.')
  verification?: Verification[];
}

export function PublishedUntil(): PropertyDecorator {
  return MomentText(
    'Only claims published by then count, of each report the newest revision published by then: a time (RFC 3339), or a date, which means the end of that day in UTC. Folded at query time over what is recorded `asOf`; withdrawals and decisions hold as recorded.',
  );
}

/** A time or a date of publication. */
export function MomentText(description: string): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({
      description,
      maxLength: 40,
      pattern: String.raw`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])([Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2}))?$`,
      example: '2018-11-09',
    }),
    IsOptional(),
    IsString(),
    MaxLength(40),
  );
}

/** The filters of every read of figures. */
export class FigureFilterParameters extends FilterParameters {
  @PublishedUntil()
  publishedUntil?: string;
}
