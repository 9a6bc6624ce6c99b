import type { SqlParameters } from '../sql-parameters.js';

/** Degrees; west may be greater than east (a box over the 180th meridian). */
export interface BoundingBox {
  west: number;
  south: number;
  east: number;
  north: number;
}

export interface Circle {
  latitude: number;
  longitude: number;
  km: number;
}

/** What a reader draws on the map; null: nothing. */
export interface DrawnArea {
  bbox: BoundingBox | null;
  near: Circle | null;
}

/**
 * Precisions whose coordinates are the incident's own place. Coarser ones are centres of areas, which a box or a circle
 * must not catch (rule 8 of domain.md).
 */
const LOCATED_PRECISIONS = ['EXACT_POINT', 'STREET_OR_LANDMARK', 'NEIGHBOURHOOD', 'SETTLEMENT'] as const;

export function isLocated(precision: string): boolean {
  return LOCATED_PRECISIONS.includes(precision as (typeof LOCATED_PRECISIONS)[number]);
}

export function located(parameters: SqlParameters): string {
  return `v.geo_precision = ANY(${parameters.add(LOCATED_PRECISIONS)}::text[]) AND v.latitude IS NOT NULL AND v.longitude IS NOT NULL`;
}

export function geographic({ bbox, near }: DrawnArea, parameters: SqlParameters): string[] {
  if (bbox === null && near === null) return [];
  return [
    located(parameters),
    ...(bbox === null ? [] : [inBox(bbox, parameters)]),
    ...(near === null ? [] : [inCircle(near, parameters)]),
  ];
}

function inBox({ west, south, east, north }: BoundingBox, parameters: SqlParameters): string {
  const value = (degrees: number): string => `${parameters.add(degrees)}::float8`;
  const latitudes = `v.latitude BETWEEN ${value(south)} AND ${value(north)}`;
  const [w, e] = [value(west), value(east)];
  const longitudes =
    west <= east ? `v.longitude BETWEEN ${w} AND ${e}` : `(v.longitude >= ${w} OR v.longitude <= ${e})`;
  return `${latitudes} AND ${longitudes}`;
}

const EARTH_KM = 6371.0088;

/** The same for a place that is in no table. */
export function isInside(
  { latitude, longitude }: { latitude: number | null; longitude: number | null },
  { bbox, near }: DrawnArea,
): boolean {
  if (latitude === null || longitude === null) return false;
  return (
    (bbox === null || isInBox(bbox, latitude, longitude)) &&
    (near === null || distanceKm(near, latitude, longitude) <= near.km)
  );
}

function isInBox({ west, south, east, north }: BoundingBox, latitude: number, longitude: number): boolean {
  const isBetween = west <= east ? longitude >= west && longitude <= east : longitude >= west || longitude <= east;
  return latitude >= south && latitude <= north && isBetween;
}

function distanceKm(from: Circle, latitude: number, longitude: number): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const half = (a: number, b: number): number => Math.sin(radians(a - b) / 2) ** 2;
  const chord =
    half(latitude, from.latitude) +
    Math.cos(radians(from.latitude)) * Math.cos(radians(latitude)) * half(longitude, from.longitude);
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(chord)));
}

/** Great-circle distance (haversine, mean radius 6371.0088 km). */
function inCircle({ latitude, longitude, km }: Circle, parameters: SqlParameters): string {
  const [lat, lon] = [`${parameters.add(latitude)}::float8`, `${parameters.add(longitude)}::float8`];
  return `2 * 6371.0088 * asin(least(1, sqrt(
      power(sin(radians(v.latitude - ${lat}) / 2), 2)
      + cos(radians(${lat})) * cos(radians(v.latitude)) * power(sin(radians(v.longitude - ${lon}) / 2), 2)
    ))) <= ${parameters.add(km)}::float8`;
}
