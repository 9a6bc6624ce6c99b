import type { IncidentType, Measure, Verification, VictimStatus } from '#app/domain';
import { UNCOUNTED } from '../../project/codes.js';
import type { SqlParameters } from '../sql-parameters.js';

/** An area of a boundary set, at the level at which incidents are placed. */
export interface RegionFilter {
  level: 'country' | 'admin1' | 'admin2' | 'admin3';
  code: string;
  /** In which the set has it: alpha-2. A code may look like that of another one. */
  country?: string;
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

/** The filter that leaves nothing out, but for the set in whose areas is looked. */
export const EVERY_INCIDENT: Omit<IncidentFilter, 'boundary'> = {
  regions: [],
  from: null,
  to: null,
  dateRule: 'start',
  measures: [],
  statuses: [],
  roles: [],
  incidentTypes: [],
  weapons: [],
  targets: [],
  actors: [],
  publishers: [],
  verifications: [],
};

/** Whether an incident's own state must be looked at, because postings do not carry what is asked. */
export function needsVersion(filter: IncidentFilter): boolean {
  return namesThirdLevel(filter) || asksForDetails(filter);
}

/** Whether more is asked than publisher, type, verification, areas and the day on which an incident began. */
export function asksForDetails({ roles, weapons, targets, actors, dateRule, from, to }: IncidentFilter): boolean {
  const isDated = from !== null || to !== null;
  return [roles, weapons, targets, actors].some((list) => list.length > 0) || (dateRule !== 'start' && isDated);
}

/** Postings go down to the second level: what lies below is known to versions only. */
function namesThirdLevel({ regions }: IncidentFilter): boolean {
  return regions.some(({ level }) => level === 'admin3');
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

const REGION_COLUMNS = ['country', 'admin1', 'admin2'] as const;

/** Conditions on the cell of a posting in words: boundary set and areas. */
export function cellConditions(alias: string, filter: IncidentFilter, parameters: SqlParameters): string[] {
  const oneOf = (column: string, codes: readonly (string | null)[]): string =>
    codes.length === 1
      ? `${alias}.${column} = ${parameters.add(codes[0])}::text`
      : `${alias}.${column} = ANY(${parameters.add(codes)}::text[])`;
  const areas = REGION_COLUMNS.flatMap((level) => {
    const codes = filter.regions.filter((region) => region.level === level).map(({ code }) => code);
    return codes.length === 0 ? [] : [oneOf(level, codes)];
  });
  // A country that the areas imply names fewer regions, which the indexes begin with.
  const countries = [...new Set(filter.regions.map((region) => countryOf(region, filter.boundary)))];
  const isImplied = !countries.includes(null) && filter.regions.some(({ level }) => level !== 'country');
  return [
    `${alias}.boundary = ${parameters.add(filter.boundary)}`,
    ...(areas.length > 0 ? [`(${areas.join(' OR ')})`] : []),
    ...(isImplied ? [oneOf('country', countries)] : []),
  ];
}

/** Null where it is not known. The codes of the built-in set are ISO 3166-1 alpha-2, or ISO 3166-2, which begin with it. */
export function countryOf({ level, code, country }: RegionFilter, boundary: string): string | null {
  if (country !== undefined) return country;
  if (level === 'country') return code;
  return boundary === 'iso-3166' && /^[A-Z]{2}-[A-Z0-9]{1,3}$/.test(code) ? code.slice(0, 2) : null;
}

/** States that count somewhere: a RETRACTED one where its verification is asked for, as `countedConditions` sees to. */
export const COUNTING_STATUSES = ['ACTIVE', 'RETRACTED'] as const;

/** The state counts somewhere, and the boundary set places it (what a set does not know yet has no figure in it). */
function standingConditions(alias: string, filter: IncidentFilter, parameters: SqlParameters): string[] {
  const placed = parameters.add(`"${filter.boundary}":`);
  return [
    `${alias}.status IN (${COUNTING_STATUSES.map((status) => `'${status}'`).join(', ')})`,
    `strpos(${alias}.placements, ${placed}) > 0`,
  ];
}

/** Conditions on what only a version knows. */
export function versionConditions(filter: IncidentFilter, parameters: SqlParameters, alias = 'v'): string[] {
  const overlaps = (column: string, values: readonly string[]): string[] =>
    values.length === 0 ? [] : [`${alias}.${column} && ${parameters.add(values)}::text[]`];
  return [
    ...(namesThirdLevel(filter) ? areaConditions(filter, parameters, alias) : []),
    ...overlaps('roles', filter.roles),
    ...overlaps('weapons', filter.weapons),
    ...overlaps('targets', filter.targets),
    ...(filter.actors.length === 0
      ? []
      : [
          `EXISTS (SELECT 1 FROM unnest(${alias}.actors) AS a (name) WHERE lower(a.name) LIKE ANY(${parameters.add(filter.actors.map(likePattern))}::text[]))`,
        ]),
  ];
}

/** Contains, in any case; the reader's own `%` and `_` are ordinary characters. */
function likePattern(text: string): string {
  return `%${text.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}

/** `from` and `to` by the date rule, on a version's dates. */
export function versionDates(filter: IncidentFilter, parameters: SqlParameters, alias = 'v'): string[] {
  const { from, to, dateRule } = filter;
  const first = `${alias}.${dateRule === 'start' ? 'start_date' : 'end_date'}`;
  const last = `${alias}.${dateRule === 'end' ? 'end_date' : 'start_date'}`;
  return [
    ...(from === null ? [] : [`${first} >= ${parameters.add(from)}::date`]),
    ...(to === null ? [] : [`${last} <= ${parameters.add(to)}::date`]),
  ];
}

/** The areas of a version that a filter names. */
export function areaConditions(filter: IncidentFilter, parameters: SqlParameters, alias = 'v'): string[] {
  const areas = filter.regions.map(({ code }) => `${filter.boundary}:${code}`);
  return areas.length === 0 ? [] : [`${alias}.areas && ${parameters.add(areas)}::text[]`];
}

/** All that makes a version one of the incidents that a figure counts; measures and statuses choose figures, not incidents. */
export function countingConditions(filter: IncidentFilter, parameters: SqlParameters, alias = 'v'): string[] {
  return [
    ...standingConditions(alias, filter, parameters),
    ...countedConditions(alias, filter, parameters),
    ...sharedConditions(alias, filter, parameters),
    ...areaConditions(filter, parameters, alias),
    ...versionDates(filter, parameters, alias),
    ...versionConditions(filter, parameters, alias),
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
