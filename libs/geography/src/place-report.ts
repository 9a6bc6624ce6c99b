import type { AdminReference, GeoPrecision, Place, Placement, Placements } from '#app/domain';
import type { BoundarySet } from './boundary-set.js';
import { isoSet } from './iso-set.js';
import type { Region, RegionLevel } from './regions.js';
import { precisionOf, statedCountry } from './stated-place.js';

/**
 * The finest level that a precision allows (domain rule 8): 0 = only the country. A place near a settlement may be
 * beyond the border of its third-level area. The point of a coarser precision stands for a whole area of that level, so
 * it is looked up there and never below.
 */
const DEPTHS: Record<GeoPrecision, number> = {
  EXACT_POINT: 3,
  STREET_OR_LANDMARK: 3,
  NEIGHBOURHOOD: 3,
  SETTLEMENT: 3,
  NEAR_SETTLEMENT: 2,
  ADM3: 3,
  ADM2: 2,
  ADM1: 1,
  SUPRA_ADM1: 0,
  COUNTRY: 0,
  WATER_AIRSPACE: 0,
  UNKNOWN: 0,
};
/** Precisions whose point is where it happened, and not the middle of an area. */
const POINTS: ReadonlySet<GeoPrecision> = new Set([
  'EXACT_POINT',
  'STREET_OR_LANDMARK',
  'NEIGHBOURHOOD',
  'SETTLEMENT',
  'NEAR_SETTLEMENT',
]);
const LEVELS = ['COUNTRY', 'ADMIN1', 'ADMIN2', 'ADMIN3'] as const satisfies RegionLevel[];

/** Where the built-in set iso-3166 puts a place. */
export function placeReport(place: Place): Placement {
  return placeIn(isoSet, place);
}

/** Where each of the sets puts a place. They agree on the country: what one of them finds by the point, all have. */
export function placeInSets(sets: readonly BoundarySet[], place: Place): Placements {
  const country = countryOf(sets, place);
  return Object.fromEntries(sets.map((set) => [set.name, placeIn(set, place, country)]));
}

/**
 * Where a boundary set puts a place: the area that a code names, made finer by the point where that is exact, else by
 * names of the right level. Codes win over points and points over names; the parents are the set's own. Pure; reads public data only.
 *
 * @param country alpha-2, where it is known already
 */
export function placeIn(set: BoundarySet, place: Place, country = countryOf([set], place)): Placement {
  const precision = precisionOf(place);
  const area = country === null ? null : areaOf(set, place, { country, precision });
  const found: Partial<Record<RegionLevel, string>> = {};
  if (area !== null) for (const { level, code } of set.path(area)) found[level] ??= code;
  return {
    admin1: found.ADMIN1 ?? null,
    admin2: found.ADMIN2 ?? null,
    admin3: found.ADMIN3 ?? null,
    country,
    precision,
  };
}

function countryOf(sets: readonly BoundarySet[], place: Place): string | null {
  const stated = statedCountry(place);
  if (stated !== null) return stated;
  const depth = DEPTHS[precisionOf(place)];
  if (depth === 0 || place.latitude == null || place.longitude == null) return null;
  for (const set of sets) {
    const area = set.areaAt(place.longitude, place.latitude, depth);
    if (area !== null) return area.country;
  }
  return null;
}

interface Known {
  country: string;
  precision: GeoPrecision;
}

function areaOf(set: BoundarySet, place: Place, known: Known): Region | null {
  const depth = DEPTHS[known.precision];
  if (depth === 0) return null;
  let best = finest(set, codedAreas(set, place.admin ?? [], known.country), depth);
  for (const way of POINTS.has(known.precision) ? [byPoint, byNames] : [byNames, byPoint]) {
    if (best !== null && levelOf(best) === depth) break;
    const area = way(set, place, { ...known, above: best, depth });
    if (area !== null && (best === null || isWithin(set, area, best))) best = area;
  }
  return best;
}

interface Sought extends Known {
  /** What is known already: anything finer lies in it. */
  above: Region | null;
  depth: number;
}

function byPoint(set: BoundarySet, { latitude, longitude }: Place, { country, depth }: Sought): Region | null {
  if (latitude == null || longitude == null) return null;
  const area = set.areaAt(longitude, latitude, depth);
  return area?.country === country && area.level !== 'COUNTRY' ? area : null;
}

/** The finest area that a reference or the place's own name has, at the level that it is given for. */
function byNames(set: BoundarySet, place: Place, { country, above: known, depth, precision }: Sought): Region | null {
  let above = known;
  for (let level = 1; level <= depth; level++) {
    const names = (place.admin ?? []).flatMap((one) => (one.name && levelsOf(one).includes(level) ? [one.name] : []));
    // The place's own name is that of an area where the place is a whole area of this level.
    if (place.name && precision === `ADM${level}`) names.push(place.name);
    above = named(set, names, { country, level, above }) ?? above;
  }
  const seed = place.name ? seedPlace(set, place.name, country) : null;
  if (seed !== null && levelOf(seed) <= depth && (above === null || isWithin(set, seed, above))) return seed;
  return above;
}

/** A reference without a level can only be to the first: the name of a district may be that of another province. */
function levelsOf({ level }: AdminReference): number[] {
  return [level ?? 1];
}

function named(
  set: BoundarySet,
  names: readonly string[],
  { country, level, above }: { country: string; level: number; above: Region | null },
): Region | null {
  for (const name of names) {
    const candidates = set.names.find(country, LEVELS[level] as RegionLevel, name);
    const found = candidates.length > 0 || level > 1 ? candidates : set.names.find(country, 'ADMIN2', name);
    const fitting = above === null ? found : found.filter((area) => isWithin(set, area, above));
    if (fitting.length === 1) return fitting[0] as Region;
  }
  return null;
}

/** The district of a town or mountain that is written in this library. */
function seedPlace(set: BoundarySet, name: string, country: string): Region | null {
  const [place, another] = isoSet.names.find(country, 'PLACE', name);
  return place === undefined || another !== undefined ? null : set.findCode(place.parent ?? '');
}

function codedAreas(set: BoundarySet, references: readonly AdminReference[], country: string): Region[] {
  return references.flatMap(({ code }) => {
    const area = code ? set.findCodeOrAbove(code) : null;
    return area !== null && area.country === country && levelOf(area) > 0 ? [area] : [];
  });
}

/** The finest of the areas that is not finer than the depth; a finer one counts as what holds it. The first of equals. */
function finest(set: BoundarySet, areas: readonly Region[], depth: number): Region | null {
  let best: Region | null = null;
  for (const area of areas) {
    const allowed = set.path(area).find((one) => levelOf(one) > 0 && levelOf(one) <= depth);
    if (allowed !== undefined && (best === null || levelOf(allowed) > levelOf(best))) best = allowed;
  }
  return best;
}

function levelOf({ level }: Region): number {
  return Math.max(0, (LEVELS as readonly string[]).indexOf(level));
}

/** Whether an area lies in another, by the set's own parents or, where they are disputed, by those of somebody else. */
function isWithin(set: BoundarySet, area: Region, above: Region): boolean {
  const path = set.path(area);
  if (path.includes(above)) return true;
  const claimed = path.flatMap(({ claims = [] }) => claims.map(({ parent }) => set.findCode(parent)));
  return claimed.some((parent) => parent !== null && set.path(parent).includes(above));
}
