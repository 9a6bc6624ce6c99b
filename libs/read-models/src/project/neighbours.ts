import type { ClientBase } from 'pg';
import {
  DUPLICATE_DAYS_MAX,
  DUPLICATE_KM_MAX,
  type IncidentFigures,
  namesOfActor,
  pointOf,
  type Sighting,
  typesAgreeingWith,
  type Verification,
} from '#app/domain';
import type { IncidentVersionRow } from '../rows.js';
import type { Tables } from './tables.js';

/** An incident that looks around itself, as of a position. */
export interface Seeker {
  /** Under which its neighbours are answered. */
  index: number;
  incidentId: string;
  position: number;
  sighting: Sighting;
}

/** An incident of another publisher that is near enough to be compared. */
export interface Neighbour {
  incidentId: string;
  sighting: Sighting;
  verification: Verification;
}

/** An incident with more neighbours than this, in a city at war, is compared with the nearest: by day, place, id. */
const NEIGHBOURS_MAX = 50;

export function sightingOf(figures: IncidentFigures): Sighting {
  const { publisher, incidentType, start, timePrecision, geoPrecision, placements, actors, place } = figures;
  const [latitude, longitude] = [place.latitude ?? null, place.longitude ?? null];
  return { publisher, incidentType, start, timePrecision, geoPrecision, placements, actors, latitude, longitude };
}

/** What read_model.country_of says where boundary sets disagree on the country. */
const DISAGREED = '**';

const COLUMNS =
  'v.incident_id, v.publisher, v.verification, v.incident_type, v.start_date, v.time_precision, v.geo_precision, v.placements, v.actors, v.latitude, v.longitude';

/**
 * What could match is a superset of what does: the rule itself is applied to the rows. Three ways, so that each uses the
 * index by day and cell: from a point to points, from anything to coarse places, from a coarse place to points.
 */
const findSql = (versions: string): string => {
  const cell = 'read_model.cell_of(v.geo_precision, v.latitude, v.longitude)';
  // Whoever shares an area shares its country, which is the last column of the index: a day in all other countries is not read.
  const sharesAreas = `read_model.country_of(v.areas) = ANY (c.countries) AND v.areas && c.areas`;
  const candidate = `
        SELECT ${COLUMNS} FROM ${versions} v
         WHERE v.status = 'ACTIVE' AND v.start_date = ANY (c.days) AND v.publisher <> c.publisher
           AND v.from_position <= c.position AND (v.to_position IS NULL OR v.to_position > c.position)
           AND v.time_precision = 'DAY' AND (v.incident_type = ANY (c.types) OR v.actors && c.actors)`;
  return `
  SELECT c.index, n.*
    FROM json_to_recordset($1::json) AS c (index integer, position bigint, publisher text, days date[], start date,
           types text[], actors text[], cells integer[], areas text[], countries text[], latitude float8, longitude float8)
   CROSS JOIN LATERAL (
     SELECT * FROM (${candidate}
           AND ${cell} = ANY (c.cells)
      UNION ALL ${candidate}
           AND ${cell} IS NULL AND ${sharesAreas}
      UNION ALL ${candidate}
           AND c.cells IS NULL AND ${cell} IS NOT NULL AND ${sharesAreas}) v
      ORDER BY abs(v.start_date - c.start), abs(v.latitude - c.latitude) + abs(v.longitude - c.longitude), v.incident_id
      LIMIT ${NEIGHBOURS_MAX}) n`;
};

type NeighbourRow = Pick<
  IncidentVersionRow,
  'incident_id' | 'publisher' | 'start_date' | 'placements' | 'actors' | 'latitude' | 'longitude'
> & {
  index: number;
  verification: Verification;
  incident_type: Sighting['incidentType'];
  time_precision: Sighting['timePrecision'];
  geo_precision: Sighting['geoPrecision'];
};

/** Who is near each of them, as of its own position; by `index`. One query. */
export async function findNeighbours(
  tx: ClientBase,
  tables: Tables,
  seekers: readonly Seeker[],
): Promise<Map<number, Neighbour[]>> {
  const found = new Map<number, Neighbour[]>();
  if (seekers.length === 0) return found;
  const { rows } = await tx.query<NeighbourRow>(findSql(tables.incident_version), [
    JSON.stringify(seekers.map(windowOf)),
  ]);
  for (const row of rows) {
    const neighbours = found.get(row.index) ?? [];
    found.set(row.index, neighbours);
    const { incident_id: incidentId, verification } = row;
    neighbours.push({ incidentId, verification, sighting: sightingOfRow(row) });
  }
  return found;
}

function sightingOfRow(row: NeighbourRow): Sighting {
  return {
    publisher: row.publisher,
    incidentType: row.incident_type,
    start: row.start_date,
    timePrecision: row.time_precision,
    geoPrecision: row.geo_precision,
    placements: JSON.parse(row.placements) as Sighting['placements'],
    actors: row.actors,
    latitude: row.latitude,
    longitude: row.longitude,
  };
}

/** Where and when to look. `cells` null: it has no point of its own. */
function windowOf({ index, position, sighting }: Seeker): object {
  const { publisher, start, incidentType, actors, placements } = sighting;
  const point = pointOf(sighting);
  const areas = Object.entries(placements).flatMap(([boundary, { admin1, admin2 }]) =>
    [admin1, admin2].filter((code) => code !== null).map((code) => `${boundary}:${code}`),
  );
  return {
    index,
    position,
    publisher,
    start,
    days: daysAround(start),
    types: typesAgreeingWith(incidentType),
    actors: actors.flatMap(namesOfActor),
    areas,
    countries: [DISAGREED, ...new Set(Object.values(placements).flatMap(({ country }) => country ?? []))],
    cells: point === null ? null : cellsAround(point.latitude, point.longitude),
    latitude: point?.latitude ?? null,
    longitude: point?.longitude ?? null,
  };
}

const DAY_MS = 86_400_000;

function daysAround(date: string): string[] {
  const middle = Date.parse(`${date}T00:00:00Z`);
  return Array.from({ length: 2 * DUPLICATE_DAYS_MAX + 1 }, (_, index) => {
    const day = new Date(middle + (index - DUPLICATE_DAYS_MAX) * DAY_MS);
    return day.toISOString().slice(0, 10);
  });
}

/** A degree of latitude is never less than 110.5 km. */
const LATITUDE_MARGIN = DUPLICATE_KM_MAX / 110.5;

/** The cells (read_model.cell_of) that lie within the longest distance of a point. */
function cellsAround(latitude: number, longitude: number): number[] {
  const longitudeMargin = LATITUDE_MARGIN / Math.max(0.02, Math.cos((latitude * Math.PI) / 180));
  const cells = new Set<number>();
  for (let y = tenth(latitude - LATITUDE_MARGIN); y <= tenth(latitude + LATITUDE_MARGIN); y += 1) {
    for (let x = tenth(longitude - longitudeMargin); x <= tenth(longitude + longitudeMargin); x += 1) {
      // Beyond ±180° the other side of the same meridian goes on.
      const around = ((((x + 1800) % 3600) + 3600) % 3600) - 1800;
      cells.add(y * 3600 + around);
      if (around === -1800) cells.add(y * 3600 + 1800);
    }
  }
  return [...cells];
}

const tenth = (degrees: number): number => Math.floor(degrees * 10);
