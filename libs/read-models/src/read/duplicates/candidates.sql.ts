import { DUPLICATE_DAYS_MAX } from '#app/domain';
import { ALL_MONTHS } from '../../project/balance-sums.js';
import type { Tables } from '../../project/tables.js';
import type { IncidentFilter } from '../incidents/incident-filter.js';
import type { SqlParameters } from '../sql-parameters.js';

/** Holds of rows that stood at `position`, a placeholder. */
const stood = (alias: string, position: string): string =>
  `${alias}.from_position <= ${position} AND (${alias}.to_position IS NULL OR ${alias}.to_position > ${position})`;

export interface CandidateQuery {
  /** Placeholder of the position. */
  position: string;
  /** Conditions on the pair `c`. */
  pair: readonly string[];
  /** Conditions on an incident version, given its alias: one of the two has to fulfil all of them. */
  either: (alias: string) => readonly string[];
}

/** Pairs that stood, with the two incidents as they were. */
function pairs({ candidate, incident_version }: Tables, { position, pair, either }: CandidateQuery): string {
  const oneOf = ['x', 'y'].map((alias) => either(alias)).filter((conditions) => conditions.length > 0);
  const sides = oneOf.length === 0 ? [] : [oneOf.map((conditions) => `(${conditions.join(' AND ')})`).join(' OR ')];
  return `
    FROM ${candidate} c
    JOIN ${incident_version} x ON x.incident_id = c.a AND ${stood('x', position)}
    JOIN ${incident_version} y ON y.incident_id = c.b AND ${stood('y', position)}
   WHERE ${[stood('c', position), ...pair, ...sides.map((condition) => `(${condition})`)].join(' AND ')}`;
}

const SIDE = [
  'incident_id',
  'publisher',
  'ref',
  'verification',
  'incident_type',
  'start_date',
  'place_name',
  'geo_precision',
  'placements',
  'actors',
];

export const candidatePage = (
  tables: Tables,
  query: CandidateQuery,
  { after, limit }: { after: string | null; limit: string },
): string => `
SELECT c.from_position, c.score, c.body,
       ${['x', 'y'].map((side) => SIDE.map((column) => `${side}.${column}${column === 'start_date' ? '::text' : ''} AS ${side}_${column}`).join(', ')).join(',\n       ')}
  ${pairs(tables, { ...query, pair: after === null ? query.pair : [...query.pair, after] })}
 ORDER BY c.score DESC, c.a, c.b
 LIMIT ${limit}`;

export const candidateCount = (tables: Tables, query: CandidateQuery): string =>
  `SELECT count(*) AS total ${pairs(tables, query)}`;

/** How many pairs stood between any two publishers, as `pairs_0`. */
export const pairsByPublishers = (tables: Tables, query: CandidateQuery): string => `
SELECT x.publisher AS one, y.publisher AS other, count(*)::integer AS pairs_0 ${pairs(tables, query)}
 GROUP BY 1, 2`;

/**
 * The same by what the pairs carry of their sides, which takes no look at the incidents; as of several positions at once,
 * as `pairs_0`, `pairs_1` … For filters that ask for nothing else (asksForDetails) and name no verification.
 */
export function carriedPairsByPublishers(
  { candidate }: Tables,
  { positions, filter, pair }: { positions: readonly number[]; filter: IncidentFilter; pair: readonly string[] },
  parameters: SqlParameters,
): string {
  const stands = positions.map((position) => stood('c', `${parameters.add(position)}::bigint`));
  const counts = stands.map((stand, index) => `count(*) FILTER (WHERE ${stand})::integer AS pairs_${index}`);
  const { near, conditions } = carriedConditions(filter, parameters);
  const standing = [...near, ...pair, `(${stands.join(' OR ')})`];
  return byPublishers({ table: candidate, count: counts.join(', '), near: standing, conditions });
}

/** The pairs that stand now, from their sums: for filters of whole months that name no type. `pairs_0` as above. */
export function summedPairsByPublishers({ pair }: Tables, filter: IncidentFilter, parameters: SqlParameters): string {
  const { boundary, regions, from, to, publishers } = filter;
  const codes = regions.length === 0 ? [''] : regions.map(({ code }) => code);
  const areas = `${parameters.add(codes.map((code) => `${boundary}:${code}`))}::text[]`;
  const isOfAllTime = from === null && to === null;
  const near = [isOfAllTime ? `c.a_month = '${ALL_MONTHS}'` : `c.a_month > '${ALL_MONTHS}'`];
  const conditions = [`areas && ${areas}`];
  if (from !== null) {
    const first = `${parameters.add(from)}::date`;
    conditions.push(`month >= ${first}`);
    near.push(`c.a_month >= (${first} - interval '1 month')::date`);
  }
  if (to !== null) {
    const last = `${parameters.add(to)}::date`;
    conditions.push(`month <= ${last}`);
    near.push(`c.a_month <= (${last} + interval '1 month')::date`);
  }
  if (publishers.length > 0) conditions.push(`publisher = ANY(${parameters.add(publishers)}::text[])`);
  return byPublishers({ table: pair, count: 'sum(c.pairs)::integer AS pairs_0', near, conditions });
}

/**
 * By how many more or fewer pairs stand now than as of an earlier position, as `pairs_0`; what came and went since is found by
 * two indexes.
 */
export function pairsSince(
  { candidate }: Tables,
  { position, filter }: { position: number; filter: IncidentFilter },
  parameters: SqlParameters,
): string {
  const at = `${parameters.add(position)}::bigint`;
  const came = `count(*) FILTER (WHERE c.from_position > ${at} AND c.to_position IS NULL)`;
  const went = `count(*) FILTER (WHERE c.from_position <= ${at} AND c.to_position > ${at})`;
  // No condition on areas or dates: their indexes would find more than changed.
  const near = [`(c.from_position > ${at} OR c.to_position > ${at})`];
  const { conditions } = carriedConditions(filter, parameters);
  return byPublishers({ table: candidate, count: `(${came} - ${went})::integer AS pairs_0`, near, conditions });
}

interface ByPublishers {
  table: string;
  count: string;
  /** On the pair `c`. */
  near: readonly string[];
  /** On the columns of a side, without its name. */
  conditions: readonly string[];
}

/** What is counted of pairs of which one side fulfils all conditions, by the publishers of the two. */
function byPublishers({ table, count, near, conditions }: ByPublishers): string {
  const side = (name: 'a' | 'b'): string => conditions.map((condition) => `c.${name}_${condition}`).join(' AND ');
  return `
SELECT c.a_publisher AS one, c.b_publisher AS other, ${count}
  FROM ${table} c
 WHERE ${near.join(' AND ')}
   AND ((${side('a')}) OR (${side('b')}))
 GROUP BY 1, 2`;
}

/** What a side must fulfil to be counted; and what then holds of the pair, which the indexes find. */
function carriedConditions(
  { boundary, regions, from, to, incidentTypes, publishers }: IncidentFilter,
  parameters: SqlParameters,
): { near: string[]; conditions: string[] } {
  // Without an area, those that the boundary set places.
  const codes = regions.length === 0 ? [''] : regions.map(({ code }) => code);
  const areas = `${parameters.add(codes.map((code) => `${boundary}:${code}`))}::text[]`;
  const near = regions.length === 0 ? [] : [`(c.a_areas && ${areas} OR c.b_areas && ${areas})`];
  const conditions = [`areas && ${areas}`];
  if (from !== null) {
    const first = `${parameters.add(from)}::date`;
    conditions.push(`start_date >= ${first}`);
    near.push(`c.a_start_date >= ${first} - ${DUPLICATE_DAYS_MAX}`);
  }
  if (to !== null) {
    const last = `${parameters.add(to)}::date`;
    conditions.push(`start_date <= ${last}`);
    near.push(`c.a_start_date <= ${last} + ${DUPLICATE_DAYS_MAX}`);
  }
  if (incidentTypes.length > 0) conditions.push(`incident_type = ANY(${parameters.add(incidentTypes)}::text[])`);
  if (publishers.length > 0) conditions.push(`publisher = ANY(${parameters.add(publishers)}::text[])`);
  return { near, conditions };
}

/** Pairs that stood, one side of which is one of these incidents. */
export const pairsOfIncidents = ({ candidate }: Tables): string => `
SELECT c.a, c.b
  FROM ${candidate} c
 WHERE ${stood('c', '$2::bigint')} AND (c.a = ANY($1::uuid[]) OR c.b = ANY($1::uuid[]))`;

/** The incident under which another counts, itself where it counts by itself. */
export const countsUnder = ({ incident_version }: Tables): string => `
SELECT coalesce(v.survivor, v.incident_id) AS root
  FROM ${incident_version} v
 WHERE v.incident_id = $1::uuid AND ${stood('v', '$2::bigint')}`;
