import type { GeoPrecision } from '../enumerations.js';
import type { IncidentFigures } from '../fold/incident-figures.js';
import { actorShown } from './actor-names.js';
import { typeAgreement, type TypeAgreement } from './type-families.js';

/** What two publishers' incidents are compared by. */
export type Sighting = Pick<
  IncidentFigures,
  'publisher' | 'incidentType' | 'start' | 'timePrecision' | 'geoPrecision' | 'placements' | 'actors'
> & { latitude: number | null; longitude: number | null };

/**
 * The rules that propose a pair, from the closest to the loosest. The windows are those of the field's own integration
 * tools: xSub holds two records for one event within 1 km and 1 day or, wider, 5 km and 2 days, where actors, actions
 * and targets agree; MELTT takes windows of kilometres and days and then scores by taxonomies of event and actor. A
 * match is a proposal: only a steward's decision merges.
 */
export const DUPLICATE_RULES = [
  'WITHIN_1_KM_1_DAY',
  'WITHIN_5_KM_2_DAYS',
  'SAME_DISTRICT_1_DAY',
  'SAME_PROVINCE_SAME_DAY',
] as const;
export type DuplicateRule = (typeof DUPLICATE_RULES)[number];

export const DUPLICATE_KM_MAX = 5;
export const DUPLICATE_DAYS_MAX = 2;

export interface DuplicateMatch {
  rule: DuplicateRule;
  /** 0–100: place 40, time 30, type 20, actors 10. */
  score: number;
  /** Between the points, to 0.1 km; null where one of the two has no point as fine as a settlement. */
  km: number | null;
  /** Between the days on which they began. */
  days: number;
  type: TypeAgreement;
  /** Groups that both name, under whichever of their names (actor-names.ts), sorted. */
  actors: string[];
}

/** Points this fine are where it happened; a coarser one is the centre of an area (domain rule 8). */
const LOCATED_PRECISIONS: readonly GeoPrecision[] = [
  'EXACT_POINT',
  'STREET_OR_LANDMARK',
  'NEIGHBOURHOOD',
  'SETTLEMENT',
  'NEAR_SETTLEMENT',
];
const located: ReadonlySet<GeoPrecision> = new Set(LOCATED_PRECISIONS);

/** The point where it happened; null where only an area is known. */
export function pointOf(sighting: Pick<Sighting, 'latitude' | 'longitude' | 'geoPrecision'>): Point | null {
  const { latitude, longitude } = sighting;
  if (latitude === null || longitude === null || !located.has(sighting.geoPrecision)) return null;
  return { latitude, longitude };
}

interface Point {
  latitude: number;
  longitude: number;
}

/**
 * Whether two incidents may be one, and by which rule; null when they are not proposed. Symmetric and pure.
 *
 * Never proposed: incidents of one publisher, who says by different keys that they are different (UCDP, for one, has
 * removed its duplicates already); incidents not dated to the day; types that disagree, unless an actor is shared.
 */
export function matchDuplicates(x: Sighting, y: Sighting): DuplicateMatch | null {
  if (x.publisher === y.publisher || x.timePrecision !== 'DAY' || y.timePrecision !== 'DAY') return null;
  const days = Math.abs(dayNumber(x.start) - dayNumber(y.start));
  if (days > DUPLICATE_DAYS_MAX) return null;
  const type = typeAgreement(x.incidentType, y.incidentType);
  const actors = shared(x.actors, y.actors);
  if (type === 'DIFFERENT' && actors.length === 0) return null;
  const [a, b] = [pointOf(x), pointOf(y)];
  const km = a === null || b === null ? null : distanceKm(a, b);
  const evidence = { km, days, type, actors };
  const rule = km === null ? areaRule(x, y, evidence) : pointRule(km, days);
  if (rule === null) return null;
  const silent = x.actors.length === 0 || y.actors.length === 0;
  const named = silent ? 5 : 0;
  const score = placeScore(rule, km) + (TIME[days] ?? 0) + TYPE[type] + (actors.length > 0 ? 10 : named);
  return { rule, score, ...evidence, km: km === null ? null : Math.round(km * 10) / 10 };
}

const TIME: Record<number, number> = { 0: 30, 1: 20, 2: 10 };
const TYPE: Record<TypeAgreement, number> = { SAME: 20, FAMILY: 10, UNKNOWN: 8, DIFFERENT: 0 };

function placeScore(rule: DuplicateRule, km: number | null): number {
  if (km !== null) return Math.round(40 - 4 * km);
  return rule === 'SAME_DISTRICT_1_DAY' ? 20 : 10;
}

function pointRule(km: number, days: number): DuplicateRule | null {
  if (km <= 1 && days <= 1) return 'WITHIN_1_KM_1_DAY';
  return km <= DUPLICATE_KM_MAX ? 'WITHIN_5_KM_2_DAYS' : null;
}

/** Where a point is missing, an area says less: the time and the type have to say more. */
function areaRule(
  x: Sighting,
  y: Sighting,
  { days, type, actors }: Pick<DuplicateMatch, 'days' | 'type' | 'actors'>,
): DuplicateRule | null {
  if (days > 1 || type === 'DIFFERENT') return null;
  const level = finestSharedLevel(x, y);
  if (level === 'district') return 'SAME_DISTRICT_1_DAY';
  const isSame = level === 'province' && days === 0 && type === 'SAME' && actors.length > 0;
  return isSame ? 'SAME_PROVINCE_SAME_DAY' : null;
}

/**
 * The finest level at which a boundary set puts both into one area. Different areas at a level in any set speak against
 * it: then a coarser one does not count either.
 */
function finestSharedLevel(x: Sighting, y: Sighting): 'district' | 'province' | null {
  let finest: 'district' | 'province' | null = null;
  for (const [boundary, one] of Object.entries(x.placements)) {
    const other = y.placements[boundary];
    if (other === undefined) continue;
    for (const level of ['admin1', 'admin2', 'admin3'] as const) {
      if (one[level] !== null && other[level] !== null && one[level] !== other[level]) return null;
    }
    if (one.admin2 !== null && one.admin2 === other.admin2) finest = 'district';
    else if (one.admin1 !== null && one.admin1 === other.admin1) finest ??= 'province';
  }
  return finest;
}

function shared(x: readonly string[], y: readonly string[]): string[] {
  if (x.length === 0 || y.length === 0) return [];
  const names = new Set(y.map(actorShown));
  return [...new Set(x.map(actorShown))].filter((name) => names.has(name) && !UNNAMED.test(name)).toSorted();
}

/** Who is not known is not the same as somebody else who is not known. */
const UNNAMED = /^(unknown|unidentified|unnamed)/iu;

/** Days since 1970 of a civil date YYYY-MM-DD. */
function dayNumber(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / 86_400_000;
}

const EARTH_KM = 6371.0088;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Great-circle distance (haversine). */
export function distanceKm(a: Point, b: Point): number {
  const dLatitude = radians(b.latitude - a.latitude) / 2;
  const dLongitude = radians(b.longitude - a.longitude) / 2;
  const h =
    Math.sin(dLatitude) ** 2 +
    Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * Math.sin(dLongitude) ** 2;
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(h)));
}
