import type { EntityManager } from 'typeorm';
import { type Tables, tablesOfGeneration } from '../../project/tables.js';
import type { AsOf } from '../as-of/as-of.js';
import { type DrawnArea, geographic, isInside, isLocated, located } from './drawn-area.js';
import {
  areaConditions,
  countingConditions,
  type IncidentFilter,
  sharedConditions,
  speaksConditions,
  versionConditions,
  versionDates,
} from './incident-filter.js';
import { incidentCount, incidentPage, incidentsMatching } from './incident-list.sql.js';
import { matchesFilter, speaks } from './incident-matching.js';
import { type IncidentRow, type IncidentState, toIncidentState } from './incident-row.js';
import { exceptRefolded, type Publication } from '../publication/publication.js';
import { SqlParameters } from '../sql-parameters.js';

export const INCIDENT_SORTS = ['start', '-start', 'position', '-position'] as const;
export type IncidentSort = (typeof INCIDENT_SORTS)[number];

export interface IncidentListRequest extends DrawnArea {
  filter: IncidentFilter;
  /** Only incidents whose state changed after this position; those withdrawn or discounted since are in it, too. */
  changedSince: number | null;
  sort: IncidentSort;
  /** Measures and statuses choose figures: incidents that say nothing on them are in the list, too. */
  isOfFigures?: boolean;
  /** Only claims published by a moment count; null or absent: all that are recorded. Not with `changedSince`. */
  publication?: Publication | null;
}

/** Sort keys of the last row of a page: (start date or position, incident id). */
export type IncidentKey = readonly [string | number, string];

export interface IncidentPage {
  rows: IncidentState[];
  /** Keys of the last row, when more rows follow. */
  after: IncidentKey | null;
}

/** One page of incidents as of a position, by keyset: no row twice, none skipped, whatever is written meanwhile. */
export async function readIncidentPage(
  tx: EntityManager,
  { position, generation }: AsOf,
  request: IncidentListRequest,
  page: { limit: number; after: IncidentKey | null },
): Promise<IncidentPage> {
  const parameters = new SqlParameters();
  const tables = tablesOfGeneration(generation);
  const conditions = listConditions({ position, tables }, request, parameters, (of) => geographic(request, of));
  const { column, type, isDescending } = orderOf(request.sort);
  const comparison = isDescending ? '<' : '>';
  const after =
    page.after === null
      ? null
      : `(${column}, v.incident_id) ${comparison} (${parameters.add(page.after[0])}::${type}, ${parameters.add(page.after[1])}::uuid)`;
  const direction = isDescending ? 'DESC' : 'ASC';
  const text = incidentPage(tables, {
    conditions,
    after,
    order: `${column} ${direction}, v.incident_id ${direction}`,
    limit: `${parameters.add(page.limit + 1)}::bigint`,
  });
  const stored = (await tx.query<IncidentRow[]>(text, parameters.values)).map(toIncidentState);
  const rows = (await withRefolded(tx, request, page, stored)).slice(0, page.limit + 1);
  const hasMore = rows.length > page.limit;
  const shown = hasMore ? rows.slice(0, page.limit) : rows;
  const last = shown.at(-1);
  return { rows: shown, after: hasMore && last !== undefined ? keyOf(last, request.sort) : null };
}

/** The page with the incidents that are folded at query time in their places. */
async function withRefolded(
  tx: EntityManager,
  request: IncidentListRequest,
  { limit, after }: { limit: number; after: IncidentKey | null },
  stored: readonly IncidentState[],
): Promise<readonly IncidentState[]> {
  const { publication, sort } = request;
  if (publication?.changes !== true) return stored;
  const sign = orderOf(sort).isDescending ? -1 : 1;
  const compare = (a: IncidentKey, b: IncidentKey): number =>
    sign * (a[0] === b[0] ? order(a[1], b[1]) : order(a[0], b[0]));
  const sorted = (rows: readonly IncidentState[]): IncidentState[] =>
    rows.toSorted((a, b) => compare(keyOf(a, sort), keyOf(b, sort))).slice(0, limit + 1);
  let page = sorted(stored);
  for await (const states of publication.refolded(tx)) {
    const found = states.filter(
      (state) => isListed(state, request) && (after === null || compare(keyOf(state, sort), after) > 0),
    );
    if (found.length > 0) page = sorted([...page, ...found]);
  }
  return page;
}

function order(a: string | number, b: string | number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
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
  const count = async (place: Conditions, further: Conditions = () => []): Promise<number> => {
    const parameters = new SqlParameters();
    const listed = listConditions({ position, tables }, request, parameters, place);
    const conditions = [...listed, ...further(parameters)];
    const [row] = await tx.query<{ total: string }[]>(incidentCount(tables, conditions), parameters.values);
    return Number(row?.total ?? 0);
  };
  const isAnywhere = request.bbox === null && request.near === null;
  const refolded = { total: 0, notLocated: 0 };
  for await (const states of request.publication?.refolded(tx) ?? []) {
    for (const state of states) {
      if (isListed(state, request)) refolded.total += 1;
      else if (!isAnywhere && !isPlaced(state) && isListed(state, { ...request, bbox: null, near: null }))
        refolded.notLocated += 1;
    }
  }
  const total = refolded.total + (await count((parameters) => geographic(request, parameters)));
  if (isAnywhere) return { total, notLocated: null };
  const notLocated = await count(
    () => [],
    (parameters) => [`(${located(parameters)}) IS NOT TRUE`],
  );
  return { total, notLocated: refolded.notLocated + notLocated };
}

/** Whether a state that was folded at query time belongs in the list. */
function isListed(state: IncidentState, { filter, isOfFigures, bbox, near }: IncidentListRequest): boolean {
  if (!matchesFilter(state, filter) || (isOfFigures !== true && !speaks(state, filter))) return false;
  return (bbox === null && near === null) || (isPlaced(state) && isInside(state, { bbox, near }));
}

function isPlaced({ geoPrecision, latitude, longitude }: IncidentState): boolean {
  return isLocated(geoPrecision) && latitude !== null && longitude !== null;
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

type Conditions = (parameters: SqlParameters) => string[];

/** @param place conditions on where it was */
function listConditions(
  { position, tables }: { position: number; tables: Tables },
  request: IncidentListRequest,
  parameters: SqlParameters,
  place: Conditions,
): string[] {
  const { filter, changedSince } = request;
  const standing = standingAt(position, parameters);
  const speaking = request.isOfFigures === true ? [] : speaksConditions(filter, parameters);
  if (changedSince === null) {
    const refolded = exceptRefolded('v', request.publication ?? null, parameters);
    return [...standing, ...countingConditions(filter, parameters), ...refolded, ...speaking, ...place(parameters)];
  }
  // A follower must hear of what no longer counts: withdrawn, merged, retracted and discounted incidents are in it.
  const matching = [
    ...sharedConditions('v', filter, parameters),
    ...areaConditions(filter, parameters),
    ...versionDates(filter, parameters),
    ...versionConditions(filter, parameters),
    ...speaking,
    ...place(parameters),
  ];
  const changed = [...standing, `v.from_position > ${parameters.add(changedSince)}::bigint`];
  if (matching.length === 0) return changed;
  // And of what has left the filter since: the copy that it keeps up holds it.
  const known = incidentsMatching(tables, [...standingAt(changedSince, parameters), ...matching]);
  return [...changed, `((${matching.join(' AND ')}) OR v.incident_id IN (${known}))`];
}

function standingAt(position: number, parameters: SqlParameters): string[] {
  const at = `${parameters.add(position)}::bigint`;
  return [`v.from_position <= ${at}`, `(v.to_position IS NULL OR v.to_position > ${at})`];
}
