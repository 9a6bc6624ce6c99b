import { Problem } from '#app/http-edge';
import {
  type BoundingBox,
  type Circle,
  countIncidents,
  type IncidentKey,
  type IncidentListRequest,
  type IncidentState,
  type Publication,
  readIncidentPage,
} from '#app/read-models';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { type Pinned, pin } from '../asking/pin.js';
import { resolvePublication } from '../asking/publication.js';
import { resolveFilter } from '../asking/resolve-filter.js';
import { ReadDatabase } from '../database/read-database.js';
import type { IncidentsParameters } from './incidents.dto.js';

export interface IncidentList {
  pinned: Pinned;
  rows: IncidentState[];
  /** Where the next page begins; null after the last. */
  after: IncidentKey | null;
  total: number;
  notLocated: number | null;
  publication: Publication | null;
}

/** Where a page begins. The position is pinned, so what the first page counted holds for all. */
export interface ListCursor {
  position: number;
  after: IncidentKey;
  total: number;
  notLocated: number | null;
}

export interface PageRequest {
  limit: number;
  cursor: ListCursor | null;
}

/** One page of incidents. */
export class ListIncidents extends Query<IncidentList> {
  constructor(
    readonly asked: IncidentsParameters,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListIncidents)
export class ListIncidentsHandler implements IQueryHandler<ListIncidents> {
  constructor(private readonly database: ReadDatabase) {}

  execute({ asked, page }: ListIncidents): Promise<IncidentList> {
    const bbox = asked.bbox === undefined ? null : parseBox(asked.bbox);
    const near = asked.near === undefined ? null : parseCircle(asked.near);
    return this.database.read(async (tx) => {
      const pinned = await pin(tx, asked, page.cursor?.position);
      const filter = await resolveFilter(tx, asked, pinned);
      const changedSince = asked.changedSince ?? null;
      const sort = sortOf(asked);
      assertKnown(changedSince, pinned.asOf.position);
      if (changedSince !== null && asked.publishedUntil !== undefined) {
        throw Problem.invalidParameter('publishedUntil', 'cannot be given with changedSince, which follows the record');
      }
      const publication = await resolvePublication(tx, asked.publishedUntil, pinned);
      const request: IncidentListRequest = { filter, bbox, near, changedSince, sort, publication };
      const { rows, after } = await readIncidentPage(tx, pinned.asOf, request, {
        limit: page.limit,
        after: page.cursor?.after ?? null,
      });
      const { total, notLocated } = page.cursor ?? (await countIncidents(tx, pinned.asOf, request));
      return { pinned, rows, after, total, notLocated, publication };
    });
  }
}

export function sortOf({ sort, changedSince }: IncidentsParameters): IncidentListRequest['sort'] {
  return sort ?? (changedSince === undefined ? '-start' : 'position');
}

/** What changed after a position that the answer does not reach is not known: an empty list would say that nothing did. */
function assertKnown(changedSince: number | null, position: number): void {
  if (changedSince === null || changedSince <= position) return;
  const detail = `${changedSince} is beyond ${position}, the last position that the answer knows`;
  throw new Problem('AS_OF_OUT_OF_RANGE', `changedSince: ${detail}`, {
    errors: [{ parameter: 'changedSince', code: 'OUT_OF_RANGE', detail }],
  });
}

/** @throws Problem INVALID_PARAMETER */
function parseBox(text: string): BoundingBox {
  const [west = 0, south = 0, east = 0, north = 0] = text.split(',').map(Number);
  const isValid = Math.abs(west) <= 180 && Math.abs(east) <= 180 && south >= -90 && north <= 90 && south <= north;
  if (!isValid)
    throw Problem.invalidParameter('bbox', 'longitudes lie within ±180, latitudes within ±90, south ≤ north');
  return { west, south, east, north };
}

/** @throws Problem INVALID_PARAMETER */
function parseCircle(text: string): Circle {
  const [latitude = 0, longitude = 0, km = 0] = text.split(',').map(Number);
  const isValid = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && km <= 20_040;
  if (!isValid)
    throw Problem.invalidParameter('near', 'latitude lies within ±90, longitude within ±180, km up to 20040');
  return { latitude, longitude, km };
}
