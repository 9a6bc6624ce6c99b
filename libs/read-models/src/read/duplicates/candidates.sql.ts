import { DUPLICATE_DAYS_MAX } from '#app/domain';
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
  const { near, side } = carriedConditions(filter, parameters);
  return `
SELECT c.a_publisher AS one, c.b_publisher AS other, ${counts.join(', ')}
  FROM ${candidate} c
 WHERE ${[...near, ...pair, `(${stands.join(' OR ')})`].join(' AND ')}
   AND ((${side('a').join(' AND ')}) OR (${side('b').join(' AND ')}))
 GROUP BY 1, 2`;
}

/** What a side must fulfil to be counted; and what then holds of the pair, which the indexes find. */
function carriedConditions(
  { boundary, regions, from, to, incidentTypes, publishers }: IncidentFilter,
  parameters: SqlParameters,
): { near: string[]; side: (side: 'a' | 'b') => string[] } {
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
  return { near, side: (side) => conditions.map((condition) => `c.${side}_${condition}`) };
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
