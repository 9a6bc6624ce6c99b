import type { IncidentType, Measure, Verification, VictimStatus } from '#app/domain';
import type { SqlParameters } from './sql-parameters.js';

/** An area of a boundary set, at the level at which incidents are placed. */
export interface RegionFilter {
  level: 'country' | 'admin1' | 'admin2';
  code: string;
}

export type DateRule = 'start' | 'end' | 'overlap';

/** Which incidents count. An empty list does not restrict; several values of one list are alternatives. */
export interface IncidentFilter {
  boundary: string;
  regions: readonly RegionFilter[];
  /** Inclusive civil dates. */
  from: string | null;
  to: string | null;
  dateRule: DateRule;
  measures: readonly Measure[];
  statuses: readonly VictimStatus[];
  roles: readonly string[];
  incidentTypes: readonly IncidentType[];
  /** Type, delivery or initiation. */
  weapons: readonly string[];
  targets: readonly string[];
  /** Parts of an actor's name, in any case. */
  actors: readonly string[];
  /** CloudEvents sources. */
  publishers: readonly string[];
  verifications: readonly Verification[];
}

/** Count nowhere unless asked for by name (contract §3). */
const UNCOUNTED: readonly Verification[] = ['DISCOUNTED', 'RETRACTED'];

/** Whether an incident's own state must be looked at, because postings do not carry what is asked. */
export function needsVersion(filter: IncidentFilter): boolean {
  const { roles, weapons, targets, actors, dateRule, from, to } = filter;
  const isDated = from !== null || to !== null;
  return [roles, weapons, targets, actors].some((list) => list.length > 0) || (dateRule !== 'start' && isDated);
}

/** Conditions on the attributes that postings, balances and versions all have. */
export function sharedConditions(alias: string, filter: IncidentFilter, parameters: SqlParameters): string[] {
  const any = (column: string, values: readonly string[]): string[] =>
    values.length === 0 ? [] : [`${alias}.${column} = ANY(${parameters.add(values)}::text[])`];
  return [
    ...any('incident_type', filter.incidentTypes),
    ...any('publisher', filter.publishers),
    ...any('verification', filter.verifications),
  ];
}

/** Leaves out what counts nowhere, unless the filter names a verification. */
export function countedConditions(alias: string, filter: IncidentFilter, parameters: SqlParameters): string[] {
  return filter.verifications.length > 0 ? [] : [`${alias}.verification <> ALL(${parameters.add(UNCOUNTED)}::text[])`];
}

/** Conditions on the cell of a posting or balance: boundary set and areas. */
export function cellConditions(alias: string, filter: IncidentFilter, parameters: SqlParameters): string[] {
  const areas = (['country', 'admin1', 'admin2'] as const).flatMap((level) => {
    const codes = filter.regions.filter((region) => region.level === level).map(({ code }) => code);
    return codes.length === 0 ? [] : [`${alias}.${level} = ANY(${parameters.add(codes)}::text[])`];
  });
  // The index begins with (boundary, country, month): a country that the areas imply is worth naming.
  const countries = [...new Set(filter.regions.map(({ code }) => code.slice(0, 2)))];
  return [
    `${alias}.boundary = ${parameters.add(filter.boundary)}`,
    ...(areas.length > 0 ? [`(${areas.join(' OR ')})`] : []),
    ...(areas.length > 0 && filter.regions.every(hasCountryPrefix)
      ? [`${alias}.country = ANY(${parameters.add(countries)}::text[])`]
      : []),
  ];
}

/** ISO 3166-1 alpha-2, or ISO 3166-2, which begins with it. */
function hasCountryPrefix({ code }: RegionFilter): boolean {
  return /^[A-Z]{2}(-[A-Z0-9]{1,3})?$/.test(code);
}

/** Conditions on what only a version knows. */
export function versionConditions(filter: IncidentFilter, parameters: SqlParameters): string[] {
  const overlaps = (column: string, values: readonly string[]): string[] =>
    values.length === 0 ? [] : [`v.${column} && ${parameters.add(values)}::text[]`];
  return [
    ...overlaps('roles', filter.roles),
    ...overlaps('weapons', filter.weapons),
    ...overlaps('targets', filter.targets),
    ...(filter.actors.length === 0
      ? []
      : [
          `EXISTS (SELECT 1 FROM unnest(v.actors) AS a (name) WHERE lower(a.name) LIKE ANY(${parameters.add(filter.actors.map(likePattern))}::text[]))`,
        ]),
  ];
}

/** Contains, in any case; the reader's own `%` and `_` are ordinary characters. */
function likePattern(text: string): string {
  return `%${text.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}

/** `from` and `to` by the date rule, on a version's dates. */
export function versionDates(filter: IncidentFilter, parameters: SqlParameters): string[] {
  const { from, to, dateRule } = filter;
  const first = dateRule === 'start' ? 'v.start_date' : 'v.end_date';
  const last = dateRule === 'end' ? 'v.end_date' : 'v.start_date';
  return [
    ...(from === null ? [] : [`${first} >= ${parameters.add(from)}::date`]),
    ...(to === null ? [] : [`${last} <= ${parameters.add(to)}::date`]),
  ];
}

/** Incidents that say something on the measures and victim statuses asked for. */
export function speaksConditions(filter: IncidentFilter, parameters: SqlParameters): string[] {
  if (filter.measures.length === 0 && filter.statuses.length === 0) return [];
  const parts = filter.statuses.length === 0 ? ['TOTAL'] : filter.statuses;
  const isMeasure =
    filter.measures.length === 0 ? '' : `AND f ->> 'measure' = ANY(${parameters.add(filter.measures)}::text[])`;
  return [
    `EXISTS (SELECT 1 FROM jsonb_array_elements(v.figures::jsonb -> 'measures') AS f
              WHERE f ->> 'part' = ANY(${parameters.add(parts)}::text[]) ${isMeasure})`,
  ];
}
