import type { EntityManager } from 'typeorm';
import { tablesOfGeneration } from '../project/tables.js';
import type { AsOf } from './as-of.js';
import {
  countedConditions,
  type IncidentFilter,
  sharedConditions,
  speaksConditions,
  versionConditions,
  versionDates,
} from './incident-filter.js';
import { incidentCount, incidentPage } from './incident-list.sql.js';
import { type IncidentRow, type IncidentState, toIncidentState } from './incident-row.js';
import { SqlParameters } from './sql-parameters.js';

export const INCIDENT_SORTS = ['start', '-start', 'position', '-position'] as const;
export type IncidentSort = (typeof INCIDENT_SORTS)[number];

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

export interface IncidentListRequest {
  filter: IncidentFilter;
  bbox: BoundingBox | null;
  near: Circle | null;
  /** Only incidents whose state changed after this position; those withdrawn or discounted since are in it, too. */
  changedSince: number | null;
  sort: IncidentSort;
}

/** Sort keys of the last row of a page: (start date or position, incident id). */
export type IncidentKey = readonly [string | number, string];

export interface IncidentPage {
  rows: IncidentState[];
  /** Keys of the last row, when more rows follow. */
  after: IncidentKey | null;
}

/**
 * Precisions whose coordinates are the incident's own place. Coarser ones are centres of areas, which a box or a circle
 * must not catch (rule 8 of domain.md).
 */
const LOCATED_PRECISIONS = ['EXACT_POINT', 'STREET_OR_LANDMARK', 'NEIGHBOURHOOD', 'SETTLEMENT'] as const;

export function isLocated(precision: string): boolean {
  return LOCATED_PRECISIONS.includes(precision as (typeof LOCATED_PRECISIONS)[number]);
}

/** One page of incidents as of a position, by keyset: no row twice, none skipped, whatever is written meanwhile. */
export async function readIncidentPage(
  tx: EntityManager,
  { position, generation }: AsOf,
  request: IncidentListRequest,
  page: { limit: number; after: IncidentKey | null },
): Promise<IncidentPage> {
  const parameters = new SqlParameters();
  const conditions = [...listConditions(position, request, parameters), ...geographic(request, parameters)];
  const { column, type, isDescending } = orderOf(request.sort);
  const comparison = isDescending ? '<' : '>';
  const after =
    page.after === null
      ? null
      : `(${column}, v.incident_id) ${comparison} (${parameters.add(page.after[0])}::${type}, ${parameters.add(page.after[1])}::uuid)`;
  const direction = isDescending ? 'DESC' : 'ASC';
  const text = incidentPage(tablesOfGeneration(generation), {
    conditions,
    after,
    order: `${column} ${direction}, v.incident_id ${direction}`,
    limit: `${parameters.add(page.limit + 1)}::bigint`,
  });
  const rows = (await tx.query<IncidentRow[]>(text, parameters.values)).slice(0, page.limit + 1).map(toIncidentState);
  const hasMore = rows.length > page.limit;
  const shown = hasMore ? rows.slice(0, page.limit) : rows;
  const last = shown.at(-1);
  return { rows: shown, after: hasMore && last !== undefined ? keyOf(last, request.sort) : null };
}

/**
 * How many incidents a list has as of a position, and, where a box or a circle was asked for, how many more match
 * everything else but are not placed finely enough to say (null otherwise).
 */
export async function countIncidents(
  tx: EntityManager,
  { position, generation }: AsOf,
  request: IncidentListRequest,
): Promise<{ total: number; notLocated: number | null }> {
  const tables = tablesOfGeneration(generation);
  const count = async (place: (parameters: SqlParameters) => string[]): Promise<number> => {
    const parameters = new SqlParameters();
    const conditions = [...listConditions(position, request, parameters), ...place(parameters)];
    const [row] = await tx.query<{ total: string }[]>(incidentCount(tables, conditions), parameters.values);
    return Number(row?.total ?? 0);
  };
  const total = await count((parameters) => geographic(request, parameters));
  if (request.bbox === null && request.near === null) return { total, notLocated: null };
  return { total, notLocated: await count((parameters) => [`NOT (${located(parameters)})`]) };
}

function keyOf(row: IncidentState, sort: IncidentSort): IncidentKey {
  return [orderOf(sort).type === 'date' ? row.startDate : row.position, row.incidentId];
}

function orderOf(sort: IncidentSort): { column: string; type: 'date' | 'bigint'; isDescending: boolean } {
  const isDescending = sort.startsWith('-');
  return sort.endsWith('start')
    ? { column: 'v.start_date', type: 'date', isDescending }
    : { column: 'v.from_position', type: 'bigint', isDescending };
}

function listConditions(position: number, request: IncidentListRequest, parameters: SqlParameters): string[] {
  const { filter, changedSince } = request;
  const at = parameters.add(position);
  const areas = filter.regions.map(({ code }) => `${filter.boundary}:${code}`);
  return [
    `v.from_position <= ${at}::bigint`,
    `(v.to_position IS NULL OR v.to_position > ${at}::bigint)`,
    // A follower must hear of what no longer counts: neither WITHDRAWN nor an uncounted verification is left out then.
    ...(changedSince === null
      ? [`v.status = 'ACTIVE'`, ...countedConditions('v', filter, parameters)]
      : [`v.from_position > ${parameters.add(changedSince)}::bigint`]),
    ...sharedConditions('v', filter, parameters),
    ...(areas.length === 0 ? [] : [`v.areas && ${parameters.add(areas)}::text[]`]),
    ...versionDates(filter, parameters),
    ...versionConditions(filter, parameters),
    ...speaksConditions(filter, parameters),
  ];
}

function located(parameters: SqlParameters): string {
  return `v.geo_precision = ANY(${parameters.add(LOCATED_PRECISIONS)}::text[]) AND v.latitude IS NOT NULL AND v.longitude IS NOT NULL`;
}

function geographic({ bbox, near }: IncidentListRequest, parameters: SqlParameters): string[] {
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

/** Great-circle distance (haversine, mean radius 6371.0088 km). */
function inCircle({ latitude, longitude, km }: Circle, parameters: SqlParameters): string {
  const [lat, lon] = [`${parameters.add(latitude)}::float8`, `${parameters.add(longitude)}::float8`];
  return `2 * 6371.0088 * asin(least(1, sqrt(
      power(sin(radians(v.latitude - ${lat}) / 2), 2)
      + cos(radians(${lat})) * cos(radians(v.latitude)) * power(sin(radians(v.longitude - ${lon}) / 2), 2)
    ))) <= ${parameters.add(km)}::float8`;
}
